/**
 * What expressions see during a plan or an apply: variables, locals, and the values of instances as far
 * as they are known. A plan and an apply have an evaluation context each.
 */

import type { Scope } from '../expression/evaluate.ts'
import { evaluateJson } from '../expression/evaluate.ts'
import type { FunctionContext } from '../functions/arguments.ts'
import type { Configuration } from '../model/configuration.ts'
import { ExpressionError } from '../model/diagnostics.ts'
import { createWork } from '../value/limits.ts'
import type { Term, TermObject } from '../value/term.ts'
import { UNKNOWN } from '../value/term.ts'

export type InstanceKey = string | number | null
export type Repetition = 'single' | 'count' | 'for_each'

/** What is special to one instance. */
export interface InstanceScope {
  readonly each?: { readonly key: Term; readonly value: Term }
  readonly count?: number
  readonly self?: Term
}

export interface EvaluationContext {
  /** Declares how a resource is repeated, before its instances are set. */
  expand(resource: string, repetition: Repetition): void
  set(resource: string, key: InstanceKey, value: Term): void
  /** The whole resource is not known, or its evaluation failed. */
  setUnknown(resource: string): void
  get(resource: string, key: InstanceKey): Term | undefined
  scope(instance?: InstanceScope): Scope
  /** Gives way to other work of the process, where much was evaluated: between blocks and their instances. */
  breathe(): Promise<void>
}

export interface EvaluationContextOptions {
  readonly configuration: Configuration
  readonly variables: TermObject
  readonly functions: FunctionContext
  readonly workspace: string
}

interface Entry {
  readonly repetition: Repetition
  readonly values: Map<InstanceKey, Term>
  unknown: boolean
  composed: Term | undefined
}

export function createEvaluationContext(options: EvaluationContextOptions): EvaluationContext {
  const { configuration, functions } = options
  const resources = new Map<string, Entry>()
  const work = createWork()
  const locals = new Map<string, Term>()
  /** Each local is evaluated once, also one that fails: that may be expensive. */
  const failures = new Map<string, unknown>()
  const pending = new Set<string>()

  function local(name: string): Term {
    const known = locals.get(name)
    if (known !== undefined) return known
    if (!configuration.locals.has(name)) undeclared(`local.${name}`, 'Declare it in a locals block.')
    const failure = failures.get(name)
    if (failure !== undefined) throw failure
    if (pending.has(name)) throw new ExpressionError('Cycle', `local.${name} needs itself.`)
    pending.add(name)
    try {
      const value = evaluateJson(configuration.locals.get(name), scope())
      locals.set(name, value)
      return value
    } catch (error) {
      failures.set(name, error)
      throw error
    } finally {
      pending.delete(name)
    }
  }

  function resource(address: string): Term {
    const entry = resources.get(address)
    if (entry === undefined) {
      if (configuration.resources.has(address)) return UNKNOWN
      return undeclared(address, 'No block of the folder has this address.')
    }
    if (entry.unknown) return UNKNOWN
    entry.composed ??= compose(entry)
    return entry.composed
  }

  function scope(instance: InstanceScope = {}): Scope {
    const resolve = (address: string, root: string): Term => {
      const name = address.slice(root.length + 1)
      switch (root) {
        case 'var':
          if (Object.hasOwn(options.variables, name)) return options.variables[name] ?? null
          return undeclared(address, 'Declare it in a variable block.')
        case 'local':
          return local(name)
        case 'path':
          return pathValue(name, functions.folder)
        case 'terraform':
          return name === 'workspace'
            ? options.workspace
            : undeclared(address, 'There is terraform.workspace only.')
        case 'each':
          if (instance.each === undefined) return undeclared(address, 'The block has no for_each.')
          return name === 'key' ? instance.each.key : instance.each.value
        case 'count':
          return instance.count ?? undeclared(address, 'The block has no count.')
        case 'self':
          return instance.self ?? undeclared(address, 'Only postconditions know it.')
        case 'module':
          return undeclared(address, 'Modules are not rehearsed.')
        default:
          return resource(address)
      }
    }
    return { resolve, functions, work }
  }

  return {
    breathe: () => work.breathe(),
    expand: (address, repetition) =>
      void resources.set(address, { repetition, values: new Map(), unknown: false, composed: undefined }),
    set(address, key, value) {
      const entry = resources.get(address)
      if (entry === undefined) throw new Error(`${address} was not expanded before its instances were set`)
      entry.values.set(key, value)
      entry.composed = undefined
    },
    setUnknown: (address) =>
      void resources.set(address, {
        repetition: 'single',
        values: new Map(),
        unknown: true,
        composed: undefined,
      }),
    get: (address, key) => resources.get(address)?.values.get(key),
    scope,
  }
}

function compose({ repetition, values }: Entry): Term {
  if (repetition === 'single') return values.get(null) ?? UNKNOWN
  if (repetition === 'count') {
    const last = Math.max(-1, ...[...values.keys()].map(Number))
    return Array.from({ length: last + 1 }, (_, index) => values.get(index) ?? UNKNOWN)
  }
  return Object.fromEntries([...values].map(([key, value]) => [String(key), value]))
}

function pathValue(name: string, folder: string): Term {
  return name === 'module' || name === 'root' || name === 'cwd'
    ? folder
    : undeclared(`path.${name}`, 'There are path.module, path.root and path.cwd.')
}

function undeclared(address: string, detail: string): never {
  throw new ExpressionError(`Reference to undeclared ${address}`, detail)
}
