/** A request of the registry protocol, and what it is answered from. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authorization } from './authorization.ts'
import type { BlobStore } from './blobs.ts'
import type { EcrState } from './state.ts'

export interface DataPlane {
  readonly state: EcrState
  readonly blobs: BlobStore
  readonly authorization: Authorization
  /** Where the registry is reached, for the realm of a challenge. */
  readonly proxyEndpoint: () => string
}

/** A request below a repository. */
export interface RepositoryRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly repository: string
  /** What the route's pattern captured: a digest, a tag, an upload's id. */
  readonly reference: string
}
