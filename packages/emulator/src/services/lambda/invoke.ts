/**
 * Runs a function for real: one Node.js process for each invocation, with the environment that AWS gives it,
 * its time-out in real time, its output in its log group. Every invocation is a cold start here.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import { processMark } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import type { CloudWatchLogs } from '../logs/contract.ts'
import type { InvocationResult } from './contract.ts'
import { runFunction } from './function-process.ts'
import type { FunctionVersion, LambdaFunction } from './model.ts'

/** "LogType Tail" returns the last 4 KB: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const tailBytes = 4_096

export interface FunctionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

export interface InvokeDependencies {
  readonly logs: CloudWatchLogs
  /** Address of the emulator's API. */
  readonly apiUrl: () => string
  /** Credentials of a session of the function's role. */
  readonly credentials: (roleArn: string, sessionName: string) => FunctionCredentials
  /** How long a function may initialize outside of its time-out, in real milliseconds. */
  readonly initTimeoutMs: number
}

export async function invoke(
  context: EmulatorContext,
  dependencies: InvokeDependencies,
  target: { of: LambdaFunction; version: FunctionVersion },
  { payload, requestId }: { payload: string; requestId: string },
  signal: AbortSignal,
): Promise<InvocationResult> {
  const { of, version } = target
  const startedAt = context.clock.now()
  const day = new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '/')
  const stream = `${day}/[${version.version}]${context.ids.hex('', 32)}`
  const lines: string[] = [`START RequestId: ${requestId} Version: ${version.version}`]
  const start = {
    handler: version.handler,
    directory: version.codeDirectory,
    payload,
    names: reachableNames(context),
    timeoutMs: version.timeoutSeconds * 1000,
    context: {
      awsRequestId: requestId,
      functionName: of.name,
      functionVersion: version.version,
      invokedFunctionArn: of.arn,
      memoryLimitInMB: String(version.memoryMiB),
      logGroupName: version.logGroup,
      logStreamName: stream,
    },
  }
  const { finish, durationMs, initMs } = await runFunction({
    clock: context.clock,
    start,
    environment: environmentOf(context, dependencies, of, version, stream),
    directory: version.codeDirectory,
    memoryMiB: version.memoryMiB,
    initTimeoutMs: dependencies.initTimeoutMs,
    log: (line) => lines.push(line),
    signal,
  })
  if ('error' in finish) lines.push(`ERROR ${JSON.stringify(finish.error)}`)
  lines.push(`END RequestId: ${requestId}`)
  lines.push(
    `REPORT RequestId: ${requestId}\tDuration: ${durationMs} ms\tMemory Size: ${version.memoryMiB} MB` +
      (initMs === undefined ? '' : `\tInit Duration: ${initMs} ms`),
  )
  const timestamp = context.clock.now()
  dependencies.logs.put(
    version.logGroup,
    stream,
    lines.map((message) => ({ timestamp, message })),
  )
  return {
    payload: 'error' in finish ? JSON.stringify(finish.error) : finish.result,
    ...('error' in finish ? { functionError: 'Unhandled' as const } : {}),
    logTail: lines.join('\n').slice(-tailBytes),
    executedVersion: version.version,
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function environmentOf(
  context: EmulatorContext,
  { apiUrl, credentials }: InvokeDependencies,
  of: LambdaFunction,
  version: FunctionVersion,
  stream: string,
): Record<string, string> {
  const session = credentials(version.role, of.name)
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    NODE_EXTRA_CA_CERTS: context.authority.certificateFile,
    ...version.environment,
    _HANDLER: version.handler,
    AWS_REGION: context.region,
    AWS_DEFAULT_REGION: context.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: of.name,
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memoryMiB),
    AWS_LAMBDA_LOG_GROUP_NAME: version.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    LAMBDA_TASK_ROOT: version.codeDirectory,
    AWS_ENDPOINT_URL: apiUrl(),
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    ...processMark(context.stateDir, 'function'),
  }
}

function reachableNames(context: EmulatorContext): Record<string, string> {
  return Object.fromEntries(
    context.names
      .all()
      .flatMap(({ name, port, socket }) =>
        socket === undefined ? [] : [[`${name.toLowerCase()}:${port}`, `${socket.address}:${socket.port}`]],
      ),
  )
}
