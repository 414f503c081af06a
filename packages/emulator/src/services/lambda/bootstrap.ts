/**
 * The runtime inside of the function's process: it loads the handler, runs it once, and sends back what it
 * returned. Each invocation has its own process, so a function cannot reach anything of the emulator.
 *
 * A function lives in AWS's network: it finds the emulator's names (a load balancer, a distribution) by asking for
 * them. Here those names are sockets of this machine, so connections to them are led there; the name itself
 * stays in SNI and Host.
 */
import { existsSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What the emulator sends to the process it starts. */
export interface Start {
  readonly handler: string
  readonly directory: string
  readonly payload: string
  /** `127.0.0.1:4711` by `name:port`. */
  readonly names: Readonly<Record<string, string>>
  readonly context: {
    readonly awsRequestId: string
    readonly functionName: string
    readonly functionVersion: string
    readonly invokedFunctionArn: string
    readonly memoryLimitInMB: string
    readonly logGroupName: string
    readonly logStreamName: string
  }
  readonly timeoutMs: number
  /** Whether loading the module is part of the time-out. */
  readonly initCounts: boolean
}

/** How far the process has come, and then its answer. */
export type FromProcess = 'began' | 'loaded' | Finish

/** What the process answers. */
export type Finish =
  | { readonly result: string }
  | {
      readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace: string[] }
    }

type Handler = (
  event: unknown,
  context: object,
  callback: (error: unknown, result?: unknown) => void,
) => unknown

// AWS's runtimes bring the SDK's clients along; a function that does not pack one gets the emulator's own.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      if (!/^@(aws-sdk|smithy)\//.test(specifier)) throw error
      if (!context.conditions.includes('require'))
        return next(specifier, { ...context, parentURL: import.meta.url })
      const found = pathToFileURL(createRequire(import.meta.url).resolve(specifier)).href
      return { url: found, shortCircuit: true }
    }
  },
})

/** The emulator has ended: no one receives the answer, and nothing else would end this process. */
const leave = () => process.exit()
process.once('disconnect', leave)
report('began')
process.once('message', (start: Start) => {
  main(start).then(
    ({ result, freezes }) => answer({ result: JSON.stringify(result) ?? 'null' }, freezes),
    (error) => answer({ error: describe(error) }, true),
  )
})

/** What the handler answered; `freezes` where AWS waits for nothing that the function still has to do. */
interface Answer {
  readonly result: unknown
  readonly freezes: boolean
}

async function main(start: Start): Promise<Answer> {
  reachEmulator(start.names)
  const began = Date.now()
  const handler = await load(start.directory, start.handler)
  report('loaded')
  const deadline = (start.initCounts ? began : Date.now()) + start.timeoutMs
  const context = {
    ...start.context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result?: unknown) =>
      error === null || error === undefined
        ? resolve({ result, freezes: !context.callbackWaitsForEmptyEventLoop })
        : reject(error)
    const returned = handler(JSON.parse(start.payload), context, callback)
    // An async handler returns a promise; one that takes a callback answers through it.
    if (returned instanceof Promise) returned.then((result) => resolve({ result, freezes: true }), reject)
    else if (handler.length < 3) resolve({ result: returned, freezes: true })
  })
}

/** `index.handler` names the export `handler` of `index.mjs`, `index.js` or `index.cjs`. */
async function load(directory: string, name: string): Promise<Handler> {
  const dot = name.lastIndexOf('.')
  const [file, member] = [name.slice(0, dot), name.slice(dot + 1)]
  const path = ['.mjs', '.js', '.cjs']
    .map((end) => join(directory, file + end))
    .find((one) => existsSync(one))
  if (path === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`)
  const module = await import(pathToFileURL(path).href)
  const handler = module[member] ?? module.default?.[member]
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`)
  }
  return handler
}

function reachEmulator(names: Start['names']): void {
  const connect = Socket.prototype.connect as (this: Socket, ...given: unknown[]) => Socket
  Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
    // `net.connect` hands its normalized arguments on as an array whose first element holds the options.
    const options = Array.isArray(given[0]) ? given[0][0] : given[0]
    if (isTarget(options)) {
      const real = names[`${options.host.toLowerCase()}:${options.port}`]
      if (real !== undefined) {
        const colon = real.lastIndexOf(':')
        options.host = real.slice(0, colon)
        options.port = Number(real.slice(colon + 1))
      }
    }
    return connect.apply(this, given)
  } as typeof Socket.prototype.connect
}

const isTarget = (options: unknown): options is { host: string; port: number | string } =>
  typeof options === 'object' && options !== null && typeof (options as { host?: unknown }).host === 'string'

function describe(error: unknown) {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] }
}

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

/**
 * After an async handler AWS freezes the process, whatever timers or connections it has left; here it ends. A
 * handler with a callback is waited for until it has nothing left to do.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
function answer(finish: Finish, freezes: boolean): void {
  process.off('disconnect', leave)
  report(finish, () => (freezes ? process.exit() : process.disconnect()))
}

function report(message: FromProcess, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent)
}
