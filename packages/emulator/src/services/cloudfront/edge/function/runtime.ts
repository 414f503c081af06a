/**
 * CloudFront functions of the runtime `cloudfront-js-2.0`: code is compiled once for each version, its top level runs for
 * each event, as no state outlives an invocation. Where they run: sandbox.ts.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 *
 * Gaps: JavaScript that the runtime lacks is not refused; what a function does to globals is seen by its next event.
 */
import vm from 'node:vm'
import type { KeyValueStore } from '../../key-value/key-value-stores.ts'
import { createSandbox, FunctionLimitExceeded, type Sandbox, type SandboxHost } from './sandbox.ts'

export interface EdgeFunction {
  /** The handler's result; rejects with what the function throws, or with FunctionLimitExceeded. */
  run(event: object): Promise<unknown>
}

export interface FunctionSource {
  readonly code: string
  /** The edge's copy of the store that is associated with the function, at the moment of the call. */
  readonly keyValues: (id?: string) => KeyValueStore | undefined
  readonly log: (message: string) => void
}

export function createFunction(source: FunctionSource): EdgeFunction {
  const expression = factoryOf(source.code)
  const host = hostOf(source)
  let sandbox: Promise<Sandbox> | undefined
  return {
    async run(event) {
      sandbox ??= createSandbox(expression, host)
      try {
        const result = (await sandbox).run(JSON.stringify(event))
        return result === undefined ? undefined : JSON.parse(result)
      } catch (error) {
        // The next event gets a new one; it goes on as if nothing had been.
        if (error instanceof FunctionLimitExceeded) sandbox = undefined
        throw error
      }
    },
  }
}

/** Throws a SyntaxError, as publishing such a function would; nothing of it is executed. */
export function checkSyntax(name: string, code: string): void {
  new vm.Script(factoryOf(code), { filename: `cloudfront-function/${name}.js`, lineOffset: -1 })
}

/** Import statements become declarations; everything else is the body of one function, on its own lines. */
function factoryOf(code: string): string {
  const body = code.replace(
    /^[ \t]*import\s+(.+?)\s+from\s+['"]([\w-]+)['"][ \t]*;?/gm,
    (_, bindings: string, module: string) =>
      `const ${bindings.replace(/^\*\s+as\s+/, '')} = modules[${JSON.stringify(module)}];`,
  )
  return `(function (modules, require, console) { "use strict";\n${body}\nreturn handler })`
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html */
function hostOf({ keyValues, log }: FunctionSource): SandboxHost {
  const storeOf = (id: string) => keyValues(id === '' ? undefined : id)
  return {
    has: (id) => storeOf(id) !== undefined,
    get(id, key) {
      const items = storeOf(id)?.items
      if (items === undefined) return null
      return Object.hasOwn(items, key) ? (items[key] ?? '') : undefined
    },
    meta(id) {
      const store = storeOf(id)
      if (store === undefined) return null
      return JSON.stringify({
        creationDateTime: new Date(store.createdAt).toISOString(),
        lastUpdatedDateTime: new Date(store.lastModified).toISOString(),
        keyCount: Object.keys(store.items).length,
      })
    },
    log,
  }
}
