/** For tests: a Terraform in memory, whose plans follow from what is wanted and what is there. */
import { type Action, parsePlan, type Terraform } from '@baton/terraform'

export interface MemoryStack {
  /** Addresses that exist. */
  readonly state: Set<string>
  /** What was done, in order: `create aws_vpc.main`. */
  readonly log: string[]
}

export interface MemoryTerraformOptions extends MemoryStack {
  /** Addresses that the stack wants; those that exist are left alone unless `actions` says otherwise. */
  readonly wanted: readonly string[]
  /** What to plan for an address instead of what follows. */
  readonly actions?: (address: string) => Action | undefined
  /** Address at which an apply fails, once. */
  readonly failAt?: { address: string | undefined }
  readonly outputs?: Readonly<Record<string, unknown>>
}

export function memoryTerraform(options: MemoryTerraformOptions): Terraform {
  const { state, log, wanted, actions, failAt } = options
  let planned: { address: string; action: Action }[] = []
  const actionFor = (address: string, targeted: boolean): Action =>
    actions?.(address) ?? (state.has(address) ? (targeted ? 'update' : 'no-op') : 'create')
  return {
    binary: { path: '/usr/bin/terraform', product: 'Terraform', version: '1.11.4' },
    init: async () => {},
    async plan({ destroy = false, targets = [] } = {}) {
      const addresses = destroy ? [...state] : targets.length > 0 ? targets : wanted
      planned = addresses
        .filter((address) => !address.startsWith('data.'))
        .map((address) => ({ address, action: destroy ? 'delete' : actionFor(address, targets.length > 0) }))
      return parsePlan(JSON.stringify({ format_version: '1.2', resource_changes: planned.map(documentOf) }))
    },
    async apply() {
      const counts = { add: 0, change: 0, remove: 0, import: 0 }
      for (const { address, action } of planned) {
        if (action === 'no-op') continue
        if (failAt?.address === address) {
          failAt.address = undefined
          throw new Error(`${address} failed`)
        }
        log.push(`${action} ${address}`)
        if (action === 'delete') state.delete(address)
        else state.add(address)
        if (action === 'delete') counts.remove++
        else if (action === 'create') counts.add++
        else counts.change++
      }
      return counts
    },
    discardPlan: async () => {},
    outputs: async () => options.outputs ?? {},
    addresses: async () => [...state],
    async forget(addresses) {
      for (const address of addresses) {
        log.push(`forget ${address}`)
        state.delete(address)
      }
    },
  }
}

const words: Readonly<Record<Action, readonly string[]>> = {
  create: ['create'],
  update: ['update'],
  replace: ['delete', 'create'],
  delete: ['delete'],
  forget: ['forget'],
  read: ['read'],
  'no-op': ['no-op'],
}

const documentOf = ({ address, action }: { address: string; action: Action }) => ({
  address,
  mode: 'managed',
  type: address.split('.')[0],
  change: { actions: words[action], before: null, after: null },
})

/** A terminal that keeps its lines. */
export function memoryTerminal() {
  const lines: string[] = []
  const plain = (text: string) => text
  return {
    lines,
    json: false,
    paint: { good: plain, bad: plain, dim: plain, strong: plain },
    note: (text: string) => void lines.push(text),
    progress: ({
      target,
      step,
      state,
      detail,
    }: {
      target: string
      step: string
      state: string
      detail?: string
    }) => void lines.push(`${target}: ${step} ${state}${detail ? ` (${detail})` : ''}`),
    apply: () => {},
    result: () => {},
  }
}
