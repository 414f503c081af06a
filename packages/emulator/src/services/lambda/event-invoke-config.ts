/**
 * How often a function is run again for an event, and how old one may become: per version or alias, through the API
 * and through Terraform. Destinations are refused by name.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
 */
import type * as lambda from '@aws-sdk/client-lambda'
import type { Operations } from '../../protocol/operations.ts'
import {
  type Attributes,
  computed,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { eventInvokeConfigNotFound, invalidParameterValue, notImplemented } from './errors.ts'
import { defaultEventInvokeConfig, type EventInvokeConfig, type LambdaFunction } from './model.ts'
import type { LambdaState } from './state.ts'

const ageSeconds = { least: 60, most: defaultEventInvokeConfig.maximumEventAgeSeconds }

interface Input {
  readonly FunctionName?: string | undefined
  readonly Qualifier?: string | undefined
  readonly MaximumRetryAttempts?: number | undefined
  readonly MaximumEventAgeInSeconds?: number | undefined
  readonly DestinationConfig?: lambda.DestinationConfig | undefined
}

export function createEventInvokeConfigOperations(state: LambdaState) {
  const found = (input: Input) => {
    const { of, qualifier } = state.target(input.FunctionName ?? '', input.Qualifier)
    const config = of.eventInvokeConfigs?.[qualifier]
    if (config === undefined) throw eventInvokeConfigNotFound(`${of.arn}:${qualifier}`)
    return { of, qualifier, config }
  }
  const put = (of: LambdaFunction, qualifier: string, input: Input, before?: EventInvokeConfig) => {
    if (input.DestinationConfig?.OnFailure?.Destination || input.DestinationConfig?.OnSuccess?.Destination)
      throw notImplemented('Destinations of asynchronous invocations')
    return view(of, qualifier, state.setEventInvokeConfig(of.name, qualifier, configOf(input, before)))
  }
  return {
    PutFunctionEventInvokeConfig: (input) => {
      const { of, qualifier } = state.target(input.FunctionName ?? '', input.Qualifier)
      return put(of, qualifier, input)
    },
    UpdateFunctionEventInvokeConfig: (input) => {
      const { of, qualifier, config } = found(input)
      return put(of, qualifier, input, config)
    },
    GetFunctionEventInvokeConfig: (input) => {
      const { of, qualifier, config } = found(input)
      return view(of, qualifier, config)
    },
    DeleteFunctionEventInvokeConfig: (input) => {
      const { of, qualifier } = found(input)
      state.setEventInvokeConfig(of.name, qualifier, undefined)
      return {}
    },
  } satisfies Operations<typeof lambda>
}

function configOf(
  { MaximumRetryAttempts, MaximumEventAgeInSeconds }: Input,
  before: Partial<EventInvokeConfig> = {},
): Omit<EventInvokeConfig, 'modifiedAt'> {
  const maximumRetryAttempts =
    MaximumRetryAttempts ?? before.maximumRetryAttempts ?? defaultEventInvokeConfig.maximumRetryAttempts
  const maximumEventAgeSeconds =
    MaximumEventAgeInSeconds ??
    before.maximumEventAgeSeconds ??
    defaultEventInvokeConfig.maximumEventAgeSeconds
  if (maximumRetryAttempts < 0 || maximumRetryAttempts > 2)
    throw invalidParameterValue('MaximumRetryAttempts must be between 0 and 2')
  if (maximumEventAgeSeconds < ageSeconds.least || maximumEventAgeSeconds > ageSeconds.most)
    throw invalidParameterValue(
      `MaximumEventAgeInSeconds must be between ${ageSeconds.least} and ${ageSeconds.most}`,
    )
  return { maximumRetryAttempts, maximumEventAgeSeconds }
}

const view = (
  of: LambdaFunction,
  qualifier: string,
  config: EventInvokeConfig | undefined,
): lambda.FunctionEventInvokeConfig => ({
  FunctionArn: `${of.arn}:${qualifier}`,
  MaximumRetryAttempts: config?.maximumRetryAttempts,
  MaximumEventAgeInSeconds: config?.maximumEventAgeSeconds,
  LastModified: new Date(config?.modifiedAt ?? 0),
  DestinationConfig: { OnSuccess: {}, OnFailure: {} },
})

export function eventInvokeConfig(state: LambdaState): ResourceType {
  const target = ({ function_name, qualifier }: Attributes) =>
    state.target(String(function_name), typeof qualifier === 'string' ? qualifier : undefined)
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined)
  const put = (planned: Attributes): Attributes => {
    const { of, qualifier } = target(planned)
    const config = configOf({
      MaximumRetryAttempts: number(planned.maximum_retry_attempts),
      MaximumEventAgeInSeconds: number(planned.maximum_event_age_in_seconds),
    })
    state.setEventInvokeConfig(of.name, qualifier, config)
    const id = [planned.function_name, planned.qualifier].filter((part) => typeof part === 'string').join(':')
    return { ...planned, id }
  }
  return {
    type: 'aws_lambda_function_event_invoke_config',
    attributes: {
      function_name: implemented({ forceNew: true }),
      qualifier: implemented({ forceNew: true }),
      maximum_event_age_in_seconds: implemented(),
      maximum_retry_attempts: implemented({ default: defaultEventInvokeConfig.maximumRetryAttempts }),
      id: computed(),
    },
    create: put,
    read(prior) {
      const of = state.find(state.nameOf(String(prior.function_name)))
      const config = of?.eventInvokeConfigs?.[String(prior.qualifier ?? '$LATEST')]
      if (config === undefined) return undefined
      const { maximumEventAgeSeconds: age, maximumRetryAttempts } = config
      const unset =
        prior.maximum_event_age_in_seconds === undefined || prior.maximum_event_age_in_seconds === null
      return {
        ...prior,
        maximum_retry_attempts: maximumRetryAttempts,
        ...(unset && age === ageSeconds.most ? {} : { maximum_event_age_in_seconds: age }),
      }
    },
    update: (planned, prior) => put({ ...prior, ...planned }),
    delete(prior) {
      const name = state.nameOf(String(prior.function_name))
      if (state.find(name) === undefined) return
      state.setEventInvokeConfig(name, String(prior.qualifier ?? '$LATEST'), undefined)
    },
  }
}
