/**
 * The front door: the one place where viewers come in, as the internet's routing brings them to AWS. The host of a
 * request (and of a TLS handshake) is looked up in Route 53, and what that points at (a distribution, a load
 * balancer) answers.
 *
 * `http://<host>.localhost:PORT` is the comfortable door for browsers: loopback is a secure context there, so such a
 * viewer counts as one over HTTPS and is not redirected. `https://<host>:PORT` is the exact door. The port is this
 * machine's: behind the door it is AWS's, and the Host header is the one that a viewer of AWS sends.
 *
 * Gap: distributions speak HTTP/1.1 only, and HTTP/3 is spoken by none.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostName, withoutPort } from './http/host.ts'
import { type Destination, type Listener, openListener } from './http/listener/listener.ts'
import type { EmulatorContext } from './service.ts'

export interface FrontDoorOptions {
  /** Where a host belongs; Route 53's. */
  readonly resolveAlias: (host: string) => { readonly target: string } | undefined
  /** Hosts to name to a viewer that asks for another one. */
  readonly hosts?: () => readonly string[]
  /** 0 takes a free port. */
  readonly ports: { readonly http: number; readonly https: number }
  /** How long a viewer may take for a head, and until it is known whose it is; a minute where it is not given. */
  readonly headTimeoutMs?: number
  /** How often heads that take too long are looked for. */
  readonly checkIntervalMs?: number
}

export interface FrontDoor {
  readonly httpUrl: string
  readonly httpsUrl: string
  /** Ends at once: connections in use are cut. */
  close(): Promise<void>
}

const address = '127.0.0.1'
const defaultHeadTimeoutMs = 60_000
const localSuffix = '.localhost'

/** Listens on both ports; rejects with a message that names the port when one is taken. */
export async function openFrontDoor(
  context: Pick<EmulatorContext, 'names' | 'authority'>,
  options: FrontDoorOptions,
): Promise<FrontDoor> {
  const fallback = await context.authority.issue(['localhost', address])

  function endpointAt(name: string, port: number) {
    // AWS's own names (a distribution's, a load balancer's) reach their resource without a record.
    const target = options.resolveAlias(name)?.target ?? name
    return context.names.lookup(target, port)?.http
  }

  function destinationOf(authority: string | undefined, scheme: 'http' | 'https'): Destination | undefined {
    if (authority === undefined) return undefined
    const host = hostName(authority)
    const local = scheme === 'http' && host.endsWith(localSuffix)
    const name = local ? host.slice(0, -localSuffix.length) : host
    const seen = local ? 'https' : scheme
    const port = seen === 'https' ? 443 : 80
    const endpoint = endpointAt(name, port)
    const bare = withoutPort(authority)
    const hostAsSeen = local ? name : bare === authority ? undefined : bare
    return endpoint && { endpoint, scheme: seen, port, host: hostAsSeen }
  }

  function notFound({ headers }: IncomingMessage, response: ServerResponse): void {
    const status = headers.host === undefined ? 400 : 404
    const body = unknownHost(headers.host, options.hosts?.() ?? [])
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  }

  const opened: Listener[] = []
  const close = async () => {
    await Promise.all(opened.map((listener) => listener.close()))
  }
  async function open(scheme: 'http' | 'https', port: number): Promise<string> {
    try {
      const listener = await openListener({
        scheme,
        address,
        port,
        endpointOf: (serverName) => (serverName ? endpointAt(hostName(serverName), 443) : undefined),
        destinationOf: (authority) => destinationOf(authority, scheme),
        notFound,
        defaultCertificate: () => fallback,
        headTimeoutMs: () => options.headTimeoutMs ?? defaultHeadTimeoutMs,
        checkIntervalMs: options.checkIntervalMs,
      })
      opened.push(listener)
      return `${scheme}://${address}:${listener.port}`
    } catch (cause) {
      throw new Error(`the front door cannot listen on ${address}:${port}; choose another port`, { cause })
    }
  }

  try {
    const httpUrl = await open('http', options.ports.http)
    return { httpUrl, httpsUrl: await open('https', options.ports.https), close }
  } catch (error) {
    await close()
    throw error
  }
}

function unknownHost(host: string | undefined, hosts: readonly string[]): string {
  const known =
    hosts.length === 0
      ? 'No record points at anything yet.'
      : `Hosts with a record:\n${hosts.map((one) => `  ${one}`).join('\n')}`
  return `Nothing in the emulator serves the host ${host ?? '(none given)'}.\n${known}\n`
}
