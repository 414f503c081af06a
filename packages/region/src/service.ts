/**
 * What a service of the region is, and what it is given. Every folder below `services/` exports one factory
 * that takes a `RegionContext` and the services it builds upon, and returns a `Service`; `services.ts` is the
 * one place that wires them together.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { CertificateAuthority } from './certificate-authority.ts'
import type { Clock } from './clock.ts'
import type { Behaviours } from './coverage/behaviour.ts'
import type { EventLog } from './event-log.ts'
import type { Ids } from './ids.ts'
import type { Names } from './names.ts'
import type { ServiceApi } from './protocol/api.ts'
import type { Store } from './store.ts'
import type { DataSourceType, EphemeralType, ResourceType } from './terraform/resource-type.ts'

/** What every service is given. Effects come in here and nowhere else, so that a test can pass its own. */
export interface RegionContext {
  readonly accountId: string
  /** The AWS region's name, e.g. `ap-northeast-2`. */
  readonly region: string
  /** Directory for files of the region's own: object bodies, image layers, logs. Exists. */
  readonly stateDir: string
  readonly clock: Clock
  readonly store: Store
  readonly ids: Ids
  readonly names: Names
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
  /** What AWS documents and the service does otherwise or not yet, for COVERAGE.md; from its `behaviours.ts`. */
  readonly behaviours?: Behaviours
  /** Takes up what the store holds: opens ports, starts tasks. Called in the order of `services.ts`. */
  start?(): Promise<void>
  /** Stops what `start` and later calls began; leaves no process, port or timer. Reverse order. */
  stop?(): Promise<void>
}

/** Where HTTP requests for a name of the region end: a load balancer's listener, a distribution. */
export interface HttpEndpoint {
  handle(request: IncomingMessage, response: ServerResponse, viewer: Viewer): void
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, viewer: Viewer): void
  /** Requests over HTTP/2; an endpoint without it speaks HTTP/1.1 only. */
  readonly http2?: {
    /** Whether clients are offered it at this moment. */
    enabled(): boolean
    /** For how long a client's connection may be without a request. */
    idleTimeoutMs(): number
    /** `flat` has the headers as they came, names and values in turn. */
    handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flat: string[], viewer: Viewer): void
  }
  /** Certificate for a TLS client that asks for this name; undefined where the endpoint has none for it. */
  certificate?(serverName: string): { key: string; cert: string } | undefined
}

/** How the request reached the front door: what AWS would see of its connection. */
export interface Viewer {
  readonly scheme: 'http' | 'https'
  /** The port by AWS's count, 80 or 443, not the local one. */
  readonly port: number
  readonly address: string
}
