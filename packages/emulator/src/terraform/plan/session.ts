/**
 * What one plan and the apply that follows it share: the folder as it was read, the types, the state as it
 * was refreshed, and what is known so far.
 */

import type { EvaluationContext, InstanceKey } from '../config/evaluation-context.ts'
import type { Graph } from '../config/graph.ts'
import type { ProviderSettings } from '../config/providers.ts'
import type { Configuration, ResourceBlock } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import type { State, StateInstance } from '../state/state.ts'
import type { ApplyContext, DataSourceType, EphemeralType, ResourceType } from '../type/resource-type.ts'
import type { Term, TermObject } from '../value/term.ts'

export interface Types {
  readonly resources: ReadonlyMap<string, ResourceType>
  readonly dataSources: ReadonlyMap<string, DataSourceType>
  readonly ephemerals: ReadonlyMap<string, EphemeralType>
}

export interface Session {
  readonly accountId: string
  readonly configuration: Configuration
  readonly graph: Graph
  readonly state: State
  readonly types: Types
  readonly inertTypes: ReadonlySet<string>
  readonly refresh: boolean
  /** Only looks for what is wrong with the folder: nothing is read, and what only a plan can know is not known. */
  readonly isCheck: boolean
  readonly signal: AbortSignal
  readonly diagnostics: Diagnostics
  /** Resources that are made before their predecessor goes: those that say so, and all that they need. */
  readonly createBeforeDestroy: ReadonlySet<string>
  readonly variables: TermObject
  provider(block: ResourceBlock, evaluation: EvaluationContext): ProviderSettings
  /** The state as this plan sees it: moved and refreshed. */
  readonly instances: Map<string, StateInstance>
  readonly plans: Map<string, InstancePlan>
  /** Values of the data sources that the plan could read, by instance address. */
  readonly dataValues: Map<string, Term>
  /** Data sources that only the apply can read. */
  readonly deferred: Set<string>
  readonly drift: Set<string>
  readonly inert: Set<string>
}

export interface InstancePlan {
  readonly block: ResourceBlock
  readonly key: InstanceKey
  readonly address: string
  readonly action: 'create' | 'update' | 'replace' | 'no-op'
  readonly changed: readonly string[]
  readonly reason: string | undefined
  readonly forcedBy: readonly string[]
  /** As the state holds it, refreshed; undefined where there is none. */
  readonly prior: StateInstance | undefined
  readonly createBeforeDestroy: boolean
}

export function applyContext(
  session: Pick<Session, 'accountId' | 'signal'> & { readonly configuration: { readonly folder: string } },
  address: string,
  region: string,
): ApplyContext {
  const { accountId, signal, configuration } = session
  return { address, region, accountId, signal, folder: configuration.folder }
}
