/**
 * The state of a stack: one document per resource instance in the collection `terraform.<stack>`, written as soon
 * as the instance has changed, so that the next apply continues where an interrupted one stopped.
 */

import type { Collection, Store } from '../../store.ts'
import type { Attributes, Value } from '../type/resource-type.ts'

export interface StateInstance {
  /** `aws_subnet.public[0]`, `aws_subnet.public["a"]`. */
  readonly address: string
  /** `aws_subnet.public` */
  readonly resource: string
  readonly type: string
  readonly key: string | number | null
  readonly region: string
  readonly attributes: Attributes
  /** Addresses of the resources that it was made from. */
  readonly dependencies: readonly string[]
  readonly createBeforeDestroy: boolean
  readonly preventDestroy: boolean
  /** Its type is not rehearsed; the attributes are placeholders. */
  readonly inert: boolean
  /** Replaced before they could be destroyed. */
  readonly deposed: readonly { readonly key: string; readonly attributes: Attributes }[]
}

export interface OutputValue {
  readonly value: Value
  readonly sensitive: boolean
}

export interface StackRecord {
  readonly stack: string
  /** Where the stack was applied from last. */
  readonly folder: string
  readonly outputs: Readonly<Record<string, OutputValue>>
}

export interface State {
  readonly instances: Collection<StateInstance>
  readonly stacks: Collection<StackRecord>
}

export function openState(store: Store, stack: string): State {
  return { instances: store.collection(`terraform.${stack}`), stacks: openStacks(store) }
}

/** All stacks that were ever applied and not destroyed. */
export function openStacks(store: Store): Collection<StackRecord> {
  return store.collection('terraform-stacks')
}

/** `aws_subnet.public` and a key make `aws_subnet.public["a"]`. */
export function instanceAddress(resource: string, key: string | number | null): string {
  if (key === null) return resource
  return `${resource}[${typeof key === 'number' ? key : JSON.stringify(key)}]`
}
