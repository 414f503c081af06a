/**
 * Terraform's machine-readable UI: one JSON message a line. Only what somebody waiting wants to know is picked
 * out; what is not known, and lines that are no JSON at all, become plain messages, never an error.
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
import { type Diagnostic, parseDiagnostic } from './diagnostic.ts'

export interface ChangeCounts {
  readonly add: number
  readonly change: number
  readonly remove: number
  readonly import: number
}

export interface ResourceEvent {
  readonly type: 'started' | 'progress' | 'finished' | 'failed'
  readonly address: string
  /** Terraform's word: `create`, `update`, `delete`, `read`. */
  readonly action: string
  /** Seconds since it started, by Terraform's own clock. */
  readonly elapsedSeconds?: number
}

export type UiEvent =
  | ResourceEvent
  | { readonly type: 'planned'; readonly address: string; readonly action: string; readonly reason?: string }
  | { readonly type: 'refreshed'; readonly address: string }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'summary'; readonly operation: string; readonly counts: ChangeCounts }
  | { readonly type: 'message'; readonly text: string }

type Message = Readonly<Record<string, unknown>>

/** Undefined for what is not worth reporting: versions, outputs, starts of a refresh. */
export function parseUiLine(line: string): UiEvent | undefined {
  const message = parse(line)
  if (message === undefined) return line.trim() === '' ? undefined : { type: 'message', text: line.trim() }
  const read = readers[String(message.type)]
  return read === undefined ? asMessage(message) : read(message)
}

const readers: Readonly<Record<string, (message: Message) => UiEvent | undefined>> = {
  version: () => undefined,
  outputs: () => undefined,
  refresh_start: () => undefined,
  refresh_complete: (message) => {
    const { address } = hookOf(message)
    return address === undefined ? undefined : { type: 'refreshed', address }
  },
  planned_change: (message) => planned(message.change),
  // Terraform's own account of what changed outside; the plan has more detail.
  resource_drift: () => undefined,
  change_summary: (message) => {
    const counts = object(message.changes)
    return {
      type: 'summary',
      operation: text(counts.operation) ?? 'plan',
      counts: {
        add: count(counts.add),
        change: count(counts.change),
        remove: count(counts.remove),
        import: count(counts.import),
      },
    }
  },
  diagnostic: (message) => {
    const diagnostic = parseDiagnostic(message.diagnostic)
    return diagnostic === undefined ? asMessage(message) : { type: 'diagnostic', diagnostic }
  },
  apply_start: (message) => resource('started', message),
  apply_progress: (message) => resource('progress', message),
  apply_complete: (message) => resource('finished', message),
  apply_errored: (message) => resource('failed', message),
  provision_start: () => undefined,
  provision_progress: () => undefined,
  provision_complete: () => undefined,
  provision_errored: () => undefined,
  ephemeral_op_start: () => undefined,
  ephemeral_op_progress: () => undefined,
  ephemeral_op_complete: () => undefined,
}

function parse(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return object(JSON.parse(line))
  } catch {
    return undefined
  }
}

function planned(change: unknown): UiEvent | undefined {
  const { resource, action, reason } = object(change)
  const address = text(object(resource).addr)
  if (address === undefined) return undefined
  const why = text(reason)
  return {
    type: 'planned',
    address,
    action: text(action) ?? '',
    ...(why === undefined ? {} : { reason: why }),
  }
}

function resource(type: ResourceEvent['type'], message: Message): ResourceEvent | undefined {
  const { address, action, elapsedSeconds } = hookOf(message)
  if (address === undefined) return undefined
  return { type, address, action, ...(elapsedSeconds === undefined ? {} : { elapsedSeconds }) }
}

function hookOf(message: Message) {
  const hook = object(message.hook)
  const elapsed = hook.elapsed_seconds
  return {
    address: text(object(hook.resource).addr),
    action: text(hook.action) ?? '',
    elapsedSeconds: typeof elapsed === 'number' ? elapsed : undefined,
  }
}

function asMessage(message: Message): UiEvent | undefined {
  const said = text(message['@message'])?.trim()
  return said ? { type: 'message', text: said } : undefined
}

const object = (value: unknown): Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const count = (value: unknown): number => (typeof value === 'number' ? value : 0)
