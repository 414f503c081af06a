/**
 * Targets of schedules: ECS RunTask (templated, and as the universal target), Lambda functions and SNS topics. Every
 * other one is refused by name when the schedule is created.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
 */
import type { Target } from '@aws-sdk/client-scheduler'
import { isObject, parseJson } from '../../../json-object.ts'
import { invalid, notImplemented, roleNotAssumable } from '../model/errors.ts'
import type { ScheduleDefinition } from '../model/model.ts'

export type TargetKind = 'ecs' | 'ecs-universal' | 'lambda' | 'sns'

const universalRunTask = 'arn:aws:scheduler:::aws-sdk:ecs:runTask'

/** The targets of AWS that are not here, by the service in their ARN. */
const services: Readonly<Record<string, string>> = {
  sqs: 'Amazon SQS',
  states: 'Step Functions',
  events: 'the event buses of EventBridge',
  kinesis: 'Kinesis Data Streams',
  firehose: 'Amazon Data Firehose',
  codebuild: 'CodeBuild',
  codepipeline: 'CodePipeline',
  inspector: 'Amazon Inspector',
  sagemaker: 'SageMaker Pipelines',
}

/** Throws ValidationException, or NotImplemented for a target that the emulator cannot invoke. */
export function checkTarget(
  target: Target | undefined,
  canAssume: (roleArn: string) => boolean,
): ScheduleDefinition['target'] {
  const { Arn, RoleArn, RetryPolicy } = target ?? {}
  if (Arn === undefined || !/^arn:[\w-]+:[\w-]+:/.test(Arn))
    throw invalid(`Provided Arn is not in correct format: ${Arn}`)
  const kind = targetKind(Arn)
  if (RoleArn === undefined || !/^arn:aws[a-zA-Z-]*:iam::\d{12}:role\/.+$/.test(RoleArn))
    throw invalid(`RoleArn ${RoleArn} is not the ARN of a role.`)
  if (!canAssume(RoleArn)) throw roleNotAssumable()
  inRange('RetryPolicy.MaximumRetryAttempts', RetryPolicy?.MaximumRetryAttempts, 0, 185)
  inRange('RetryPolicy.MaximumEventAgeInSeconds', RetryPolicy?.MaximumEventAgeInSeconds, 60, 86_400)
  if (kind === 'ecs' && !target?.EcsParameters)
    throw invalid(`EcsParameters must be specified for the target ${Arn}.`)
  if (kind !== 'ecs' && target?.EcsParameters)
    throw invalid(`EcsParameters cannot be specified for the target ${Arn}.`)
  if (kind === 'ecs') inRange('EcsParameters.TaskCount', target?.EcsParameters?.TaskCount, 1, 10)
  checkInput(kind, target?.Input)
  return { ...target, Arn, RoleArn }
}

/** Throws NotImplemented for one that the emulator cannot invoke. */
export function targetKind(arn: string): TargetKind {
  if (arn === universalRunTask) return 'ecs-universal'
  const [, , service = '', , , resource = ''] = arn.split(':')
  if (service === 'scheduler') {
    throw notImplemented(`the universal target ${arn}; of the AWS SDK it invokes ecs:runTask`)
  }
  if (service === 'ecs' && resource.startsWith('cluster/')) return 'ecs'
  if (service === 'lambda') return 'lambda'
  if (service === 'sns') return 'sns'
  throw notImplemented(
    `${services[service] ?? service} as a target; it invokes ECS clusters, Lambda functions and SNS topics`,
  )
}

function checkInput(kind: TargetKind, input: string | undefined): void {
  if (input === undefined) {
    if (kind === 'sns' || kind === 'ecs-universal') throw invalid('Input must be specified for this target.')
    return
  }
  if (kind !== 'sns' && !isObject(parseJson(input))) throw invalid('Input is not a JSON object.')
}

function inRange(path: string, value: number | undefined, min: number, max: number): void {
  if (value !== undefined && !(value >= min && value <= max))
    throw invalid(`${path} must be between ${min} and ${max}, not ${value}.`)
}
