/**
 * EventBridge Scheduler: schedules that run ECS tasks, invoke Lambda functions and publish to SNS topics, and the groups
 * of schedules. They are due by the emulator's clock.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-scheduler'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { EventBridgeScheduler } from './contract.ts'
import { createDelivery, type ScheduleTargets } from './invocation/delivery.ts'
import { createState } from './model/state.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'
import { createTimetable } from './schedule/timetable.ts'

/** `trustOf` is the trust policy of a role; undefined where there is no such role. */
export function createEventBridgeScheduler(
  context: EmulatorContext,
  targets: ScheduleTargets,
  trustOf: (roleArn: string) => string | undefined,
): EventBridgeScheduler {
  const state = createState(context)
  const timetable = createTimetable(context, state, createDelivery(context, state, targets))
  const canAssume = (roleArn: string) => trustOf(roleArn)?.includes('"scheduler.amazonaws.com"') ?? false
  return {
    name: 'scheduler',
    behaviours,
    resourceTypes: createResourceTypes(context, state, timetable, canAssume),
    api: {
      signingName: 'scheduler',
      protocol: 'rest-json',
      sdk,
      operations: createOperations(state, timetable, canAssume),
    },
    start: async () => timetable.start(),
    stop: async () => timetable.stop(),
  }
}
