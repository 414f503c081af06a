/**
 * What a service of the emulator is, and what it is given. Every folder below `services/` exports one factory
 * that takes a `RegionContext` and the services it builds upon, and returns a `Service`; `services.ts` is the
 * one place that wires them together.
 */

import type { Behaviours } from './behaviours.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import type { Clock } from './clock.ts'
import type { EndpointRegistry } from './endpoint-registry.ts'
import type { EventLog } from './event-log.ts'
import type { Ids } from './ids.ts'
import type { ServiceApi } from './protocol/api.ts'
import type { Store } from './store.ts'
import type { DataSourceType, EphemeralType, ResourceType } from './terraform/type/resource-type.ts'

/** What every service is given. Effects come in here and nowhere else, so that a test can pass its own. */
export interface EmulatorContext {
  readonly accountId: string
  /** The AWS region's name, e.g. `ap-northeast-2`. */
  readonly region: string
  /** Directory for files of the emulator's own: object bodies, image layers, logs. Exists. */
  readonly stateDir: string
  readonly clock: Clock
  readonly store: Store
  readonly ids: Ids
  readonly names: EndpointRegistry
  readonly events: EventLog
  readonly authority: CertificateAuthority
}

export interface Service {
  /** AWS's name of the service as its endpoints spell it: `ecs`, `elasticloadbalancing`, `s3`. */
  readonly name: string
  readonly resourceTypes?: readonly ResourceType[]
  readonly dataSourceTypes?: readonly DataSourceType[]
  readonly ephemeralTypes?: readonly EphemeralType[]
  /** The API by which AWS clients talk to it; none for services that only Terraform creates. */
  readonly api?: ServiceApi
  /** What AWS documents and the service does otherwise or not yet, for docs/coverage; from its `behaviours.ts`. */
  readonly behaviours?: Behaviours
  /** Takes up what the store holds: opens ports, starts tasks. Called in the order of `services.ts`. */
  start?(): Promise<void>
  /** Stops what `start` and later calls began; leaves no process, port or timer. Reverse order. */
  stop?(): Promise<void>
}
