/**
 * Invokes a target, and again after a failure that may pass: with a growing pause, until it succeeds, the attempts are
 * used up, or the event is too old.
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
 */
import type { RunTaskCommandInput } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws-error.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { Invocation } from '../model/model.ts'
import type { SchedulerState } from '../model/state.ts'
import { templatedRunTask, universalRunTask } from './run-task.ts'
import { targetKind } from './target.ts'

export interface ScheduleTargets {
  /** Throws ECS's errors. */
  runTask(input: RunTaskCommandInput): readonly string[]
  /** False where there is no function of that ARN. */
  invoke?(functionArn: string, payload: string): boolean
  /** False where there is no topic of that ARN. */
  publish?(topicArn: string, subject: string | undefined, message: string): boolean
  readonly cloudWatch?: Pick<CloudWatch, 'record'> | undefined
}

/** Resolves when the target is invoked or the invocation is dropped; rejects with the signal's reason. */
export type Deliver = (invocation: Invocation, signal: AbortSignal) => Promise<void>

const attemptsMax = 185
const ageSecondsMax = 86_400

export function createDelivery(
  context: EmulatorContext,
  state: SchedulerState,
  targets: ScheduleTargets,
): Deliver {
  const { clock, events } = context
  const count = (metric: string, { group }: Invocation) =>
    targets.cloudWatch?.record({
      namespace: 'AWS/Scheduler',
      metric,
      dimensions: { ScheduleGroup: group },
      value: 1,
      unit: 'Count',
    })

  function drop(invocation: Invocation, error: unknown): void {
    count('InvocationDroppedCount', invocation)
    const deadLetters = invocation.target.DeadLetterConfig?.Arn
    events.emit('baton.scheduler', 'Schedule Invocation Dropped', {
      schedule: invocation.scheduleArn,
      executionId: invocation.id,
      attempts: invocation.attempts,
      reason: reasonOf(error),
      ...(deadLetters === undefined ? {} : { notSentTo: `${deadLetters}: there is no SQS in the emulator` }),
    })
  }

  return async (first, signal) => {
    let invocation = first
    const retries = invocation.target.RetryPolicy?.MaximumRetryAttempts ?? attemptsMax
    const ageSeconds = invocation.target.RetryPolicy?.MaximumEventAgeInSeconds ?? ageSecondsMax
    for (;;) {
      invocation = { ...invocation, attempts: invocation.attempts + 1 }
      state.invocations.put(invocation.id, invocation)
      count('InvocationAttemptCount', invocation)
      try {
        const result = invokeTarget(context, targets, invocation)
        events.emit('baton.scheduler', 'Schedule Invocation', {
          schedule: invocation.scheduleArn,
          executionId: invocation.id,
          scheduledTime: isoSeconds(invocation.scheduledAt),
          ...result,
        })
        return
      } catch (error) {
        count('TargetErrorCount', invocation)
        const pauseMs = pauseAfter(invocation.attempts)
        const ageMs = clock.now() - invocation.since + clock.toReal(pauseMs)
        const tooOld = ageMs > clock.toReal(ageSeconds * 1000)
        if (!mayPass(error) || invocation.attempts > retries || tooOld) return drop(invocation, error)
        await clock.sleepAws(pauseMs, signal)
      }
    }
  }
}

/** What the caller did wrong stays wrong; what failed on the other side, and throttling, may pass. */
const mayPass = (error: unknown) =>
  !(error instanceof AwsError) || error.fault === 'server' || /Throttl|TooManyRequests/.test(error.code)

const pauseAfter = (attempts: number) => Math.min(15 * 60_000, 1000 * 2 ** (attempts - 1))

const reasonOf = (error: unknown) =>
  error instanceof AwsError ? `${error.code}: ${error.message}` : String(error)

const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

function invokeTarget(
  { accountId, region }: EmulatorContext,
  targets: ScheduleTargets,
  invocation: Invocation,
): Record<string, unknown> {
  const { Arn: arn, EcsParameters: ecs } = invocation.target
  const input = withContext(invocation)
  const kind = targetKind(arn)
  if (kind === 'ecs-universal') return { tasks: targets.runTask(universalRunTask(invocation, input ?? '{}')) }
  if (kind === 'ecs') {
    if (!ecs) throw new Error(`the schedule ${invocation.scheduleArn} has no EcsParameters`)
    return { tasks: targets.runTask(templatedRunTask(invocation, ecs, input)) }
  }
  const reached =
    kind === 'lambda'
      ? targets.invoke?.(arn, input ?? defaultEvent(invocation, accountId, region))
      : targets.publish?.(arn, undefined, input ?? '')
  if (!reached) throw new AwsError('ResourceNotFoundException', `${arn} does not exist.`, 404)
  return { target: arn }
}

/**
 * Context attributes in the input.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
function withContext(invocation: Invocation): string | undefined {
  return invocation.target.Input?.replaceAll(
    /<aws\.scheduler\.(schedule-arn|scheduled-time|execution-id|attempt-number)>/g,
    (_whole, name: string) => {
      if (name === 'schedule-arn') return invocation.scheduleArn
      if (name === 'scheduled-time') return isoSeconds(invocation.scheduledAt)
      return name === 'execution-id' ? invocation.id : String(invocation.attempts)
    },
  )
}

/** What a function gets from a schedule without an input. */
const defaultEvent = (invocation: Invocation, account: string, region: string) =>
  JSON.stringify({
    version: '0',
    id: invocation.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: isoSeconds(invocation.scheduledAt),
    region,
    resources: [invocation.scheduleArn],
    detail: '{}',
  })
