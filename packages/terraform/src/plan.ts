/**
 * A plan as `show -json` prints it, reduced to what matters before it is applied: which resources change and how,
 * and what changed outside of Terraform.
 * https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
import { ownedByDeployments } from './ownership.ts'
import { TerraformError } from './terraform-error.ts'

export type Action = 'create' | 'update' | 'replace' | 'delete' | 'forget' | 'read' | 'no-op'

export interface Change {
  readonly address: string
  /** `aws_lb_listener_rule`. */
  readonly type: string
  readonly action: Action
  /** Why it is replaced or deleted, in Terraform's word: `replace_because_cannot_update`. */
  readonly reason?: string
  /** The attributes that force the replacement: `identifier`. */
  readonly forcedBy: readonly string[]
  /** It exists already and becomes Terraform's. */
  readonly imported: boolean
  readonly movedFrom?: string
  /** What an earlier replacement left over; it is not what the platform uses. */
  readonly deposed: boolean
}

/** A resource that was changed outside of Terraform. */
export interface Drift {
  readonly address: string
  readonly action: Action
  /** Names of the attributes that differ. */
  readonly attributes: readonly string[]
}

export interface Plan {
  /** Everything that would happen; resources that stay as they are don't stand here. */
  readonly changes: readonly Change[]
  /** Without what a deployment changes as a matter of course. */
  readonly drift: readonly Drift[]
  /** Names of outputs that change. */
  readonly outputs: readonly string[]
  /** False when applying it would do nothing at all. */
  readonly applicable: boolean
}

export type PlanSummary = Readonly<Record<'create' | 'update' | 'replace' | 'delete' | 'import', number>>

interface PlanDocument {
  readonly format_version?: string
  readonly resource_changes?: readonly ResourceChange[]
  readonly resource_drift?: readonly ResourceChange[]
  readonly output_changes?: Readonly<Record<string, { readonly actions?: readonly string[] }>>
  readonly applyable?: boolean
}

interface ResourceChange {
  readonly address: string
  readonly previous_address?: string
  readonly mode?: string
  readonly type: string
  readonly deposed?: string
  readonly action_reason?: string
  readonly change: {
    readonly actions: readonly string[]
    readonly before?: unknown
    readonly after?: unknown
    readonly replace_paths?: readonly (readonly (string | number)[])[]
    readonly importing?: unknown
  }
}

/** Throws `plan-unreadable` for what is no plan, or one of a format from the future. */
export function parsePlan(text: string): Plan {
  const document = read(text)
  const changes = (document.resource_changes ?? [])
    .filter(({ mode }) => mode !== 'data')
    .map(changeOf)
    .filter(({ action, imported, movedFrom }) => action !== 'no-op' || imported || movedFrom !== undefined)
  const outputs = Object.entries(document.output_changes ?? {})
    .filter(([, { actions = [] }]) => actionOf(actions) !== 'no-op')
    .map(([name]) => name)
  return {
    changes,
    drift: (document.resource_drift ?? [])
      .map(driftOf)
      .filter(({ action, attributes }) => action === 'delete' || attributes.length > 0),
    outputs,
    applicable: document.applyable ?? changes.length + outputs.length > 0,
  }
}

function read(text: string): PlanDocument {
  const unreadable = (what: string, cause?: unknown) =>
    new TerraformError(
      'plan-unreadable',
      `The plan cannot be read: ${what}`,
      'Use a released Terraform or OpenTofu.',
      { cause },
    )
  let document: PlanDocument
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw unreadable('it is no JSON.', cause)
  }
  const version = document?.format_version
  if (typeof version !== 'string') throw unreadable('it names no format.')
  if (!/^1\./.test(version)) throw unreadable(`its format is ${version}; 1.x is known here.`)
  return document
}

function changeOf(resource: ResourceChange): Change {
  const { change } = resource
  return {
    address: resource.address,
    type: resource.type,
    action: actionOf(change.actions),
    ...(resource.action_reason === undefined ? {} : { reason: resource.action_reason }),
    forcedBy: (change.replace_paths ?? []).map((path) => path.join('.')),
    imported: change.importing !== undefined && change.importing !== null,
    ...(resource.previous_address === undefined ? {} : { movedFrom: resource.previous_address }),
    deposed: resource.deposed !== undefined,
  }
}

/** A replacement is two actions, in either order; `create_before_destroy` creates first. */
function actionOf(actions: readonly string[]): Action {
  if (actions.includes('create') && (actions.includes('delete') || actions.includes('forget')))
    return 'replace'
  const [action] = actions
  const known: readonly Action[] = ['create', 'update', 'delete', 'forget', 'read']
  return known.find((candidate) => candidate === action) ?? 'no-op'
}

function driftOf({ address, type, change }: ResourceChange): Drift {
  const [before, after] = [change.before, change.after].map(asRecord)
  const attributes = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .filter((name) => !ownedByDeployments(type, name))
  return { address, action: actionOf(change.actions), attributes }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

/** Resources by what would happen to them. */
export function summarize(plan: Plan): PlanSummary {
  const count = (action: Action) => plan.changes.filter((change) => change.action === action).length
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete') + count('forget'),
    import: plan.changes.filter(({ imported }) => imported).length,
  }
}

const verbs = {
  create: 'create',
  update: 'change',
  replace: 'replace',
  delete: 'delete',
  import: 'adopt',
} as const

/** `12 to create, 1 to change`; `nothing to do` when applying would do nothing. */
export function describePlan(plan: Plan): string {
  if (!plan.applicable) return 'nothing to do'
  const summary = summarize(plan)
  const parts = Object.entries(verbs).flatMap(([kind, verb]) => {
    const number = summary[kind as keyof PlanSummary]
    return number > 0 ? [`${number} to ${verb}`] : []
  })
  const moved = plan.changes.filter(({ movedFrom }) => movedFrom !== undefined).length
  if (moved > 0) parts.push(`${moved} renamed`)
  if (parts.length === 0) parts.push(`outputs change: ${plan.outputs.join(', ')}`)
  return parts.join(', ')
}
