/**
 * Runs a function for real: a Node.js process of its own per invocation, with the environment that AWS gives it,
 * its time-out in real time, its output in its log group. Every invocation is a cold start here.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { processMark } from '../../runtime/index.ts'
import type { RegionContext } from '../../service.ts'
import type { Logs } from '../logs/contract.ts'
import type { Finish, Start } from './bootstrap.ts'
import type { InvocationResult } from './contract.ts'
import type { FunctionVersion, LambdaFunction } from './model.ts'

const bootstrap = fileURLToPath(new URL('./bootstrap.ts', import.meta.url))
/** "LogType Tail" returns the last 4 KB: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const tailBytes = 4_096

export interface FunctionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

export interface InvokeDependencies {
  readonly logs: Logs
  /** Address of the region's API. */
  readonly apiUrl: () => string
  /** Credentials of a session of the function's role. */
  readonly credentials: (roleArn: string, sessionName: string) => FunctionCredentials
}

export async function invoke(
  context: RegionContext,
  dependencies: InvokeDependencies,
  target: { of: LambdaFunction; version: FunctionVersion },
  payload: string,
  signal: AbortSignal,
): Promise<InvocationResult> {
  const { of, version } = target
  const requestId = context.ids.uuid()
  const startedAt = context.clock.now()
  const day = new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '/')
  const stream = `${day}/[${version.version}]${context.ids.hex('', 32)}`
  const lines: string[] = [`START RequestId: ${requestId} Version: ${version.version}`]
  const start: Start = {
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
  const environment = environmentOf(context, dependencies, of, version, stream)
  const finish = await run(context, start, environment, version, (line) => lines.push(line), signal)
  const durationMs = context.clock.now() - startedAt
  if ('error' in finish) lines.push(`ERROR ${JSON.stringify(finish.error)}`)
  lines.push(`END RequestId: ${requestId}`)
  lines.push(
    `REPORT RequestId: ${requestId}\tDuration: ${durationMs} ms\tMemory Size: ${version.memoryMiB} MB`,
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

function run(
  context: RegionContext,
  start: Start,
  env: Record<string, string>,
  version: FunctionVersion,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Finish> {
  const failed = (errorType: string, errorMessage: string): Finish => ({
    error: {
      errorType,
      errorMessage: `RequestId: ${start.context.awsRequestId} Error: ${errorMessage}`,
      trace: [],
    },
  })
  return new Promise((resolve) => {
    const child = fork(bootstrap, [], {
      cwd: version.codeDirectory,
      env,
      execArgv: [`--max-old-space-size=${version.memoryMiB}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own, so that what the function started ends with it.
      detached: true,
    })
    let finish: Finish | undefined
    const over = new AbortController()
    const kill = () => endGroup(child.pid)
    signal.addEventListener('abort', kill, { once: true })
    if (signal.aborted) kill()
    context.clock.sleepReal(start.timeoutMs, over.signal).then(
      () => {
        finish ??= failed(
          'Sandbox.Timedout',
          `Task timed out after ${version.timeoutSeconds.toFixed(2)} seconds`,
        )
        kill()
      },
      () => undefined,
    )
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n')) if (line !== '') log(line)
      })
    }
    child.on('message', (message) => {
      finish ??= message as Finish
    })
    child.on('exit', kill)
    child.on('error', (error) => {
      finish ??= failed('Runtime.ExitError', error.message)
    })
    child.on('close', (code, killedBy) => {
      over.abort()
      signal.removeEventListener('abort', kill)
      resolve(
        finish ?? failed('Runtime.ExitError', `Runtime exited with ${killedBy ?? `exit status ${code}`}`),
      )
    })
    child.send(start, (error) => {
      if (error) finish ??= failed('Runtime.ExitError', error.message)
    })
  })
}

/** Ends the function's process and all that it started. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function environmentOf(
  context: RegionContext,
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

function reachableNames(context: RegionContext): Record<string, string> {
  return Object.fromEntries(
    context.names
      .all()
      .flatMap(({ name, port, socket }) =>
        socket === undefined ? [] : [[`${name.toLowerCase()}:${port}`, `${socket.address}:${socket.port}`]],
      ),
  )
}
