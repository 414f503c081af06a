/** What the parts of this service are given. */
import type { EmulatorContext } from '../../../service.ts'
import type { Acm } from '../../acm/contract.ts'
import type { DataPlane } from '../data-plane/data-plane.ts'
import type { State } from './state.ts'

/** Where a subnet is; from the network, where the emulator knows it. */
export type SubnetLookup = (subnetId: string) => { readonly zone: string; readonly vpcId: string } | undefined

export interface Elbv2Context {
  readonly context: EmulatorContext
  readonly state: State
  readonly dataPlane: DataPlane
  readonly acm: Acm
  readonly subnet: SubnetLookup
}
