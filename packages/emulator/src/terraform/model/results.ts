/** What a plan and an apply answer: plain JSON data, because it goes over HTTP. */
import type { Value } from '../type/resource-type.ts'

export type Action = 'create' | 'update' | 'replace' | 'delete' | 'read' | 'forget' | 'move' | 'import'

export interface Change {
  readonly address: string
  readonly action: Action
  /** Why, in words: `name forces replacement`, `it is gone`. */
  readonly reason?: string
  /** Paths of the attributes that change. */
  readonly changed?: readonly string[]
  /** Of a replacement: paths of the attributes that cannot be changed in place. */
  readonly forcedBy?: readonly string[]
  /** Of a replacement: the new one is made before the old one goes. */
  readonly createBeforeDestroy?: boolean
}

/** An apply or a destroy that could not go on: what it had done by then, which stays, and what it had not. */
export interface Unfinished {
  readonly changes: readonly Change[]
  /** Neither done nor failed: the next apply continues with these. */
  readonly pending: readonly Pick<Change, 'address' | 'action'>[]
}

export interface Plan {
  readonly stack: string
  readonly folder: string
  /** What an apply would do; nothing where it is empty. */
  readonly changes: readonly Change[]
  /** Values of the outputs as far as they are known, without the sensitive ones. */
  readonly outputs: Readonly<Record<string, Value>>
  /** Instances whose attributes were changed, or which were deleted, outside of Terraform. */
  readonly drift: readonly string[]
  /** Addresses of types that are accepted without being rehearsed. */
  readonly inert: readonly string[]
  readonly warnings: readonly string[]
}

export interface ApplyResult {
  readonly outputs: Readonly<Record<string, Value>>
  /** Names of the outputs that must not be shown. */
  readonly sensitiveOutputs: readonly string[]
  readonly changes: readonly Change[]
  readonly inert: readonly string[]
  readonly warnings: readonly string[]
}

export type ApplyEvent =
  | {
      readonly type: 'resource'
      readonly address: string
      readonly action: Action
      readonly state: 'started' | 'done' | 'failed'
      /** Steps finished, of how many. */
      readonly done: number
      readonly total: number
      /** Why it failed. */
      readonly error?: string
    }
  | { readonly type: 'summary'; readonly text: string }

/** `3 created, 1 replaced`; `nothing to change`. */
export function summarize(changes: readonly Change[]): string {
  const words: Readonly<Record<Action, string>> = {
    create: 'created',
    update: 'updated',
    replace: 'replaced',
    delete: 'deleted',
    read: 'read',
    forget: 'forgotten',
    move: 'moved',
    import: 'imported',
  }
  const counts = Object.entries(words).flatMap(([action, word]) => {
    const count = changes.filter((change) => change.action === action).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return counts.join(', ') || 'nothing to change'
}
