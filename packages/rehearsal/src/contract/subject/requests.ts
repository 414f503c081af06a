/** The requests by which a service is measured: its health check, and what its traffic file says of it. */
import type { Traffic } from '../../traffic/traffic.ts'

export interface Requests {
  readonly host: string
  readonly healthPath: string
  /** Answers 200 with JSON once it can serve; undefined where no traffic file names one. */
  readonly readPath: string | undefined
  readonly write: { readonly path: string; readonly body: string } | undefined
}

export function requestsFor(
  service: { readonly healthPath: string; readonly host: string },
  sites: readonly string[],
  traffic: Traffic | undefined,
): Requests {
  const audience = traffic?.audiences.find(({ site }) => sites.includes(site))
  return {
    ...service,
    readPath: audience?.read,
    write: audience && {
      path: audience.create.path,
      body: JSON.stringify(audience.create.body(1, `c${Date.now().toString(36)}`)),
    },
  }
}
