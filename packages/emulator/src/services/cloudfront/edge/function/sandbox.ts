/**
 * Where CloudFront functions run: QuickJS, compiled to WebAssembly. A function has no way out of it: its memory is that of
 * its own instance, time and memory are bounded, and only texts go in and out. Neither what it throws, nor a loop without
 * an end, nor what it does to its globals touches the emulator.
 */
import { createHash, createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import { prelude, usesBuffers } from './prelude.ts'

/** What a function can ask for. `null` means that no such key value store is associated with it. */
export interface SandboxHost {
  has(storeId: string): boolean
  get(storeId: string, key: string): string | undefined | null
  /** As JSON. */
  meta(storeId: string): string | null
  log(message: string): void
}

export interface Sandbox {
  /** Gives the handler's result as JSON; undefined where it returned nothing. Throws what the function throws. */
  run(event: string): string | undefined
}

/** The function used more than CloudFront gives it; its sandbox is not to be used again. */
export class FunctionLimitExceeded extends Error {
  override name = 'FunctionLimitExceeded'
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions */
const memoryBytes = 2 * 1024 * 1024
const stackBytes = 256 * 1024
/**
 * How often the engine may ask whether it is to go on, which it does after so and so many steps: about 20 ms of
 * computation. AWS publishes no figure in milliseconds; steps are counted and not time, because a function must not fail
 * for what else runs on this machine.
 */
const maxInterrupts = 150

interface Outcome {
  readonly ok: boolean
  readonly text: string | undefined
}

/** `code` is an expression that gives the factory of the handler. */
export async function createSandbox(code: string, host: SandboxHost): Promise<Sandbox> {
  // An instance for each: one that breaks takes no other with it, and goes as a whole.
  const quickjs = await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'))
  const runtime = quickjs.newRuntime()
  runtime.setMaxStackSize(stackBytes)
  const context = runtime.newContext()
  const call: { outcome: Outcome | undefined } = { outcome: undefined }
  const hostObject = expose(context, host, (ok, text) => {
    call.outcome = { ok, text }
  })
  const evaluate = (source: string) => context.unwrapResult(context.evalCode(source))
  const buffers = usesBuffers(code) ? evaluate(await bufferSource()) : context.undefined
  const install = context.unwrapResult(
    context.callFunction(evaluate(prelude), context.undefined, hostObject, buffers),
  )
  const runner = context.unwrapResult(context.callFunction(install, context.undefined, evaluate(code)))
  boundMemory(quickjs, evaluate)
  let interrupts = 0
  runtime.setInterruptHandler(() => ++interrupts > maxInterrupts)

  function fail(handle: QuickJSHandle): never {
    const error: unknown = context.dump(handle)
    handle.dispose()
    const { name = 'Error', message = String(error) } = (error ?? {}) as { name?: string; message?: string }
    if (interrupts > maxInterrupts) throw new FunctionLimitExceeded('the function ran for too long')
    if (error === null || message === 'out of memory')
      throw new FunctionLimitExceeded('the function used too much memory')
    throw new Error(`${name}: ${message}`)
  }

  return {
    run(event) {
      call.outcome = undefined
      interrupts = 0
      const argument = context.newString(event)
      const started = context.callFunction(runner, context.undefined, argument)
      argument.dispose()
      if (started.error) fail(started.error)
      started.value.dispose()
      const jobs = runtime.executePendingJobs()
      if (jobs.error) fail(jobs.error)
      // What the function's own promises swallowed does not make the call a success.
      if (interrupts > maxInterrupts) throw new FunctionLimitExceeded('the function ran for too long')
      const outcome = call.outcome as Outcome | undefined
      if (outcome === undefined) throw new Error('the promise of the handler never settled')
      if (outcome.ok) return outcome.text
      // Where there is no memory left, there is none for an error either.
      if (outcome.text === 'null' || outcome.text?.includes('out of memory')) {
        throw new FunctionLimitExceeded('the function used too much memory')
      }
      throw new Error(outcome.text)
    },
  }
}

function expose(
  context: QuickJSContext,
  host: SandboxHost,
  settle: (ok: boolean, text: string | undefined) => void,
): QuickJSHandle {
  const object = context.newObject()
  const toHandle = (text: string | null | undefined) =>
    text === null ? context.null : text === undefined ? context.undefined : context.newString(text)
  const add = (name: string, call: (...values: QuickJSHandle[]) => string | null | undefined) => {
    const handle = context.newFunction(name, (...values) => toHandle(call(...values)))
    context.setProp(object, name, handle)
    handle.dispose()
  }
  const text = (handle: QuickJSHandle | undefined) => (handle === undefined ? '' : context.getString(handle))
  add('get', (id, key) => host.get(text(id), text(key)))
  // A text is true, none is false.
  add('has', (id) => (host.has(text(id)) ? 'yes' : undefined))
  add('meta', (id) => host.meta(text(id)))
  add('log', (message) => void host.log(text(message)))
  add('digest', (request) => digest(text(request)))
  add('settle', (ok, value) => {
    const given = value !== undefined && context.typeof(value) === 'string' ? text(value) : undefined
    settle(ok !== undefined && context.dump(ok) === true, given)
    return undefined
  })
  return object
}

const algorithms = new Set(['md5', 'sha1', 'sha256'])

function digest(request: string): string {
  const { algorithm, key, parts } = JSON.parse(request) as {
    algorithm: string
    key?: string
    parts: string[]
  }
  if (!algorithms.has(algorithm))
    throw new Error(`the algorithm ${algorithm} is not one of md5, sha1, sha256`)
  const hash = key === undefined ? createHash(algorithm) : createHmac(algorithm, Buffer.from(key, 'base64'))
  for (const part of parts) hash.update(Buffer.from(part, 'base64'))
  return hash.digest('base64')
}

/** The library `buffer` of browsers with what it needs, as one expression that gives its class. */
async function bufferSource(): Promise<string> {
  const file = fileURLToPath(import.meta.resolve('buffer/index.js'))
  const own = createRequire(file)
  const [main, base64, ieee754] = await Promise.all(
    [file, own.resolve('base64-js'), own.resolve('ieee754')].map((path) => readFile(path, 'utf8')),
  )
  const module = (source = '') => `function (module, exports, require) {${source}\n}`
  return `(() => {
    const sources = { 'base64-js': ${module(base64)}, ieee754: ${module(ieee754)}, main: ${module(main)} }
    const load = (name) => {
      const module = { exports: {} }
      sources[name](module, module.exports, load)
      return module.exports
    }
    return load('main').Buffer
  })()`
}

/**
 * The engine counts blocks and not bytes in WebAssembly, so the bound is the instance's memory: it does not grow, and what
 * is free of it is filled but for what a function may use. (Pages that are never written cost no memory.)
 */
function boundMemory(quickjs: QuickJSWASMModule, evaluate: (source: string) => QuickJSHandle): void {
  const memory: { grow: (pages: number) => number } = quickjs.getWasmMemory()
  memory.grow = () => {
    throw new RangeError('a function has no more memory')
  }
  const free = memoryBytes / ballastBytes
  // Not reachable by the function: its own variables are in another scope.
  evaluate(`((kept) => {
    try { for (;;) kept.push(new ArrayBuffer(${ballastBytes})) } catch {}
    kept.length -= ${free}
    return () => kept
  })([])`)
}

const ballastBytes = 256 * 1024
