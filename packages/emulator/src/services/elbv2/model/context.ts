/** What the parts of this service are given. */
import type { EmulatorContext } from '../../../service.ts'
import type { Acm } from '../../acm/contract.ts'
import type { Target, TargetHealth } from '../contract.ts'
import type { Listener, TargetGroup } from './model.ts'
import type { State } from './state.ts'

/** Where a subnet is; from the network, where the emulator knows it. */
export type SubnetLookup = (subnetId: string) => { readonly zone: string; readonly vpcId: string } | undefined

/** A registered target, as it is now. */
export interface RegisteredTarget {
  readonly target: Target
  readonly health: TargetHealth
}

export type HealthListener = (targetGroupArn: string, target: Target, health: TargetHealth) => void

/** The targets of all groups, for those who register, remove and describe them. */
export interface TargetRegistry {
  register(group: TargetGroup, target: Target): void
  /** Resolves once the target is unused: the delay is over or nothing is in flight. */
  deregister(group: TargetGroup, target: Target): Promise<void>
  forgetGroup(targetGroupArn: string): void
  members(targetGroupArn: string): readonly RegisteredTarget[]
  find(targetGroupArn: string, target: Target): RegisteredTarget | undefined
  /** Returns the function that ends it. */
  onHealth(listener: HealthListener): () => void
}

/** What moves the traffic, for those who change what it is to do. */
export interface DataPlane {
  readonly targets: TargetRegistry
  /** Opens a listener, or binds one that changed again. */
  open(listener: Listener): Promise<void>
  close(listener: Listener): Promise<void>
  /** To be called when rules, groups or attributes changed; takes effect for the next request. */
  refresh(): void
  start(): Promise<void>
  stop(): Promise<void>
}

export interface Elbv2Context {
  readonly context: EmulatorContext
  readonly state: State
  readonly dataPlane: DataPlane
  readonly acm: Acm
  readonly subnet: SubnetLookup
}
