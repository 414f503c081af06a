/**
 * The emulator's name service: which DNS name, on which port, is which socket of this machine. The service that
 * owns a name (a load balancer, a database instance, a distribution) binds it; a caller that must reach it (the
 * edge, the front door, a task's environment) looks it up. Names are case-insensitive.
 */
import type { HttpEndpoint } from './http/endpoint.ts'

/** Where a name's port can be reached on this machine. */
export interface Binding {
  /** The name as AWS gives it, e.g. `main-123.ap-northeast-2.elb.amazonaws.com`. */
  readonly name: string
  /** The port by AWS's count, e.g. 443 or 5432. */
  readonly port: number
  /** The socket that really listens; absent for a name that only the front door serves. */
  readonly socket?: { readonly address: string; readonly port: number }
  /** Answers requests in this process; for the front door. */
  readonly http?: HttpEndpoint
}

export interface EndpointRegistry {
  bind(binding: Binding): void
  unbind(name: string, port: number): void
  lookup(name: string, port: number): Binding | undefined
  /** All bindings, sorted by name and port. */
  all(): Binding[]
}

export function createEndpointRegistry(): EndpointRegistry {
  const bindings = new Map<string, Binding>()
  const key = (name: string, port: number) => `${name.toLowerCase().replace(/\.$/, '')}:${port}`
  return {
    bind: (binding) => void bindings.set(key(binding.name, binding.port), binding),
    unbind: (name, port) => void bindings.delete(key(name, port)),
    lookup: (name, port) => bindings.get(key(name, port)),
    all: () => [...bindings.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, binding]) => binding),
  }
}
