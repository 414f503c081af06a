/**
 * Holds the input of CreateSchedule and UpdateSchedule against AWS's rules, and completes it with AWS's defaults.
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
 */
import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler'
import { scheduleExpression } from '../expression/expression.ts'
import { isTimeZone } from '../expression/zone-time.ts'
import { checkTarget } from '../invocation/target.ts'
import { invalid, invalidExpression } from '../model/errors.ts'
import type { ScheduleDefinition } from '../model/model.ts'

type Input = Omit<CreateScheduleCommandInput, 'Name' | 'GroupName' | 'ClientToken'>

/** The names of schedules and of groups. */
export function checkName(name: string | undefined, member: 'name' | 'groupName'): string {
  if (name === undefined || !/^[0-9a-zA-Z-_.]{1,64}$/.test(name)) {
    throw invalid(
      `1 validation error detected: Value '${name ?? ''}' at '${member}' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$ and have at most 64 characters',
    )
  }
  return name
}

/** `canAssume` says whether the service may assume a role. */
export function scheduleDefinition(
  input: Input,
  canAssume: (roleArn: string) => boolean,
): ScheduleDefinition {
  const zone = input.ScheduleExpressionTimezone ?? 'UTC'
  if (!isTimeZone(zone)) throw invalid(`Invalid Schedule Expression Timezone ${zone}.`)
  const expression = input.ScheduleExpression ?? ''
  if (expression.length > 256 || !scheduleExpression(expression, { zone, firstMs: 0 }))
    throw invalidExpression(expression)
  const startsAt = input.StartDate?.getTime()
  const endsAt = input.EndDate?.getTime()
  if (startsAt !== undefined && endsAt !== undefined && endsAt < startsAt)
    throw invalid('The StartDate must come before the EndDate.')
  return {
    expression,
    zone,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.KmsKeyArn === undefined ? {} : { kmsKeyArn: input.KmsKeyArn }),
    state: oneOf('state', input.State ?? 'ENABLED', ['ENABLED', 'DISABLED']),
    target: checkTarget(input.Target, canAssume),
    windowMinutes: windowOf(input.FlexibleTimeWindow),
    actionAfterCompletion: oneOf('actionAfterCompletion', input.ActionAfterCompletion ?? 'NONE', [
      'NONE',
      'DELETE',
    ]),
  }
}

function windowOf(window: Input['FlexibleTimeWindow']): number {
  const { Mode, MaximumWindowInMinutes: minutes } = window ?? {}
  if (oneOf('flexibleTimeWindow.mode', Mode ?? '', ['OFF', 'FLEXIBLE']) === 'OFF') {
    if (minutes !== undefined)
      throw invalid('MaximumWindowInMinutes must not be set when the FlexibleTimeWindow mode is OFF.')
    return 0
  }
  if (minutes === undefined || minutes < 1 || minutes > 1440)
    throw invalid(
      'MaximumWindowInMinutes must be between 1 and 1440 when the FlexibleTimeWindow mode is FLEXIBLE.',
    )
  return minutes
}

function oneOf<T extends string>(path: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) {
    throw invalid(
      `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ` +
        `Member must satisfy enum value set: [${allowed.join(', ')}]`,
    )
  }
  return found
}
