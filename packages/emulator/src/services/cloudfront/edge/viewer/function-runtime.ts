/**
 * Runs CloudFront functions: runtime `cloudfront-js-2.0` in a context of its own, with that runtime's modules and
 * nothing else of Node. Code is compiled once; its top level runs anew for each event, as no state outlives an
 * invocation.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 *
 * Gaps: the limits on compute time and memory are not enforced; JavaScript that the runtime lacks is not refused.
 */
import { createHash, createHmac } from 'node:crypto'
import querystring from 'node:querystring'
import vm from 'node:vm'
import type { KeyValueStore } from '../../key-value/key-value-stores.ts'

export interface EdgeFunction {
  /** The handler's result, or its promise; throws what the function throws. */
  run(event: object): unknown
}

export interface FunctionSource {
  readonly name: string
  readonly code: string
  /** The edge's copy of the store that is associated with the function, at the moment of the call. */
  readonly keyValues: (id?: string) => KeyValueStore | undefined
  readonly log: (message: string) => void
}

type Factory = (
  modules: object,
  require: (name: string) => unknown,
  console: object,
) => (event: object) => unknown

/** Throws a SyntaxError, as publishing such a function would. */
export function compileFunction(source: FunctionSource): EdgeFunction {
  // Import statements stand for parameters here; everything else is the body of one function, on its own lines.
  const body = source.code.replace(
    /^[ \t]*import\s+(.+?)\s+from\s+['"]([\w-]+)['"][ \t]*;?/gm,
    (_, bindings: string, module: string) =>
      `const ${bindings.replace(/^\*\s+as\s+/, '')} = modules[${JSON.stringify(module)}];`,
  )
  const script = new vm.Script(
    `(function (modules, require, console) { "use strict";\n${body}\nreturn handler })`,
    { filename: `cloudfront-function/${source.name}.js`, lineOffset: -1 },
  )
  const globals = { Buffer, TextEncoder, TextDecoder, atob, btoa }
  const context = vm.createContext({ ...globals }, { codeGeneration: { strings: false, wasm: false } })
  const factory = script.runInContext(context) as Factory
  const modules: Record<string, unknown> = {
    cloudfront: { kvs: (id?: string) => keyValueHandle(source, id) },
    crypto: { createHash, createHmac },
    querystring,
    buffer: { Buffer },
  }
  const require = (name: string) => {
    if (!Object.hasOwn(modules, name)) throw new Error(`cannot load module "${name}"`)
    return modules[name]
  }
  const log = (...values: unknown[]) => source.log(values.map(String).join(' '))
  const console = { log, error: log }
  return { run: (event) => factory(modules, require, console)(event) }
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html */
function keyValueHandle(source: FunctionSource, id: string | undefined) {
  const store = () => {
    const found = source.keyValues(id)
    if (found === undefined)
      throw new Error(`KvsHandle: no key value store ${id ?? ''} is associated with the function`)
    return found
  }
  store()
  return {
    async get(key: string, options: { format?: 'string' | 'json' | 'bytes' } = {}) {
      const { items } = store()
      if (!Object.hasOwn(items, key)) throw new Error(`KeyNotFound: ${key}`)
      const value = items[key] ?? ''
      if (options.format === 'json') return JSON.parse(value)
      return options.format === 'bytes' ? Buffer.from(value) : value
    },
    async exists(key: string) {
      return Object.hasOwn(store().items, key)
    },
    async count() {
      return Object.keys(store().items).length
    },
    async meta() {
      const { createdAt, lastModified, items } = store()
      return {
        creationDateTime: new Date(createdAt).toISOString(),
        lastUpdatedDateTime: new Date(lastModified).toISOString(),
        keyCount: Object.keys(items).length,
      }
    },
  }
}
