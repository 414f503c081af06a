/** What Route 53 offers the other services of the emulator and the front door. */
import type { Service } from '../../service.ts'

export interface Route53 extends Service {
  /**
   * Where a host belongs: the DNS name that its alias (or CNAME) records finally point at, lower-case and without
   * a trailing dot, e.g. `d111111abcdef8.cloudfront.net`. Undefined when no hosted zone says so.
   */
  resolveAlias(host: string): { readonly target: string } | undefined
  /** Hosts that have an alias or CNAME record, sorted: what the front door can serve. */
  aliasHosts(): string[]
  /** Values of the records with exactly this name and type; empty when there are none. */
  values(name: string, type: string): readonly string[]
  /** Where the DNS server listens (UDP and TCP); undefined before `start`. */
  address(): { readonly address: string; readonly port: number } | undefined
}
