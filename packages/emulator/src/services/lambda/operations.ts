/** Lambda's API: reading functions, invoking them, new code. */
import type * as lambda from '@aws-sdk/client-lambda'
import type { Operations } from '../../protocol/operations.ts'
import type { InvocationResult, Lambda } from './contract.ts'
import { invalidParameterValue, invalidRequestContent, requestTooLarge } from './errors.ts'
import { createEventInvokeConfigOperations } from './event-invoke-config.ts'
import type { FunctionVersion, LambdaFunction } from './model.ts'
import type { LambdaState } from './state.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution */
const synchronousPayloadLimit = 6 * 1024 * 1024

export function createOperations(
  state: LambdaState,
  invoke: Lambda['invoke'],
  queue: (functionArn: string, payload: string) => void,
) {
  return {
    ...createEventInvokeConfigOperations(state),
    Invoke: async (input) => {
      const payload =
        input.Payload === undefined ? '{}' : Buffer.from(input.Payload as Uint8Array).toString() || '{}'
      if (payload.length > synchronousPayloadLimit) {
        throw requestTooLarge(
          `${payload.length} byte payload is too large for the RequestResponse invocation type`,
        )
      }
      checkJson(payload)
      const { of, version, qualifier } = state.target(input.FunctionName ?? '', input.Qualifier)
      if (input.InvocationType === 'DryRun') return { StatusCode: 204, ExecutedVersion: version.version }
      if (input.InvocationType === 'Event') {
        queue(`${of.arn}:${qualifier}`, payload)
        return { StatusCode: 202 }
      }
      const result = await invoke({ functionName: `${of.arn}:${version.version}`, payload })
      return answer(result, input.LogType === 'Tail')
    },
    GetFunction: (input) => {
      const { of, version } = state.target(input.FunctionName ?? '', input.Qualifier)
      return { Configuration: configuration(of, version), Code: { RepositoryType: 'S3' } }
    },
    GetFunctionConfiguration: (input) => {
      const { of, version } = state.target(input.FunctionName ?? '', input.Qualifier)
      return configuration(of, version)
    },
    ListFunctions: () => ({ Functions: state.all().map((found) => configuration(found, found.latest)) }),
    UpdateFunctionCode: async (input) => {
      if (input.ZipFile === undefined) {
        throw invalidParameterValue(
          'This emulator takes function code as ZipFile only, not from S3 or as an image',
        )
      }
      const { of } = state.target(input.FunctionName ?? '')
      const changed = await state.update(of.name, {}, input.ZipFile)
      const version = input.Publish === true ? state.publish(of.name) : changed.latest
      return configuration(changed, version)
    },
  } satisfies Operations<typeof lambda>
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload)
  } catch {
    throw invalidRequestContent('Could not parse request body into json: Could not parse payload into json')
  }
}

const answer = (result: InvocationResult, tail: boolean) => ({
  StatusCode: 200,
  Payload: result.payload,
  ExecutedVersion: result.executedVersion,
  ...(result.functionError === undefined ? {} : { FunctionError: result.functionError }),
  ...(tail ? { LogResult: Buffer.from(result.logTail).toString('base64') } : {}),
})

function configuration(of: LambdaFunction, version: FunctionVersion): lambda.FunctionConfiguration {
  return {
    FunctionName: of.name,
    FunctionArn: version.version === '$LATEST' ? of.arn : `${of.arn}:${version.version}`,
    Runtime: version.runtime as lambda.Runtime,
    Role: version.role,
    Handler: version.handler,
    CodeSize: version.codeSize,
    CodeSha256: version.codeSha256,
    Description: version.description,
    Timeout: version.timeoutSeconds,
    MemorySize: version.memoryMiB,
    LastModified: new Date(version.modifiedAt).toISOString().replace('Z', '+0000'),
    Version: version.version,
    Environment: { Variables: { ...version.environment } },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [...version.architectures] as lambda.Architecture[],
    LoggingConfig: { LogFormat: 'Text', LogGroup: version.logGroup },
  }
}
