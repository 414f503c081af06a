/**
 * Lets a task reach the names that the emulator owns. A process cannot have a resolver of its own, so each task
 * gets, per name that its environment mentions, an address on which a TCP forwarder waits on the ports by AWS's
 * count. One forwarder per task and name: that is the place where a path can be refused later. What has an
 * address of its own and listens on AWS's ports needs none, and a forwarder would double what each query costs.
 *
 * The addresses come from a bounded pool, because a client that verifies TLS compares the address with the
 * certificate: a service that serves TLS below such a name puts `endpointAddresses` into its certificate.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { EndpointRegistry } from '../../endpoint-registry.ts'
import { passOn } from './pass-on.ts'

const POOL_SIZE = 250
const loopbackNetwork = process.platform === 'linux'

/** Every address on which a task may see a name of the emulator. */
export const endpointAddresses: readonly string[] = loopbackNetwork
  ? Array.from({ length: POOL_SIZE }, (_, index) => `127.64.0.${index + 1}`)
  : ['127.0.0.1']

/** Where one name of the emulator is reached by one task. */
export interface ReachableName {
  readonly name: string
  readonly host: string
  /** Local port by the port as AWS counts it. */
  readonly ports: ReadonlyMap<number, number>
}

export interface TaskForwarders {
  /** Opens a forwarder for each name of the emulator that the values contain. */
  reach(values: readonly string[]): Promise<ReachableName[]>
  close(): Promise<void>
}

/** Forwarders of one task. */
export function createForwarders(names: EndpointRegistry): TaskForwarders {
  const reached = new Map<string, ReachableName>()
  const servers: Server[] = []
  const sockets = new Set<Duplex>()

  const forward = (name: string, awsPort: number) =>
    createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
      const socket = names.lookup(name, awsPort)?.socket
      if (!socket) return void inbound.destroy()
      passOn(inbound, socket, (end) => {
        sockets.add(end)
        end.once('close', () => sockets.delete(end))
      })
    })

  return {
    async reach(values) {
      const text = values.join('\n').toLowerCase()
      for (const [name, awsPorts] of ownedNames(names)) {
        if (reached.has(name) || !text.includes(name.toLowerCase())) continue
        const direct = directly(names, name, awsPorts)
        if (direct) {
          reached.set(name, direct)
          continue
        }
        const { host, ports, opened } = await listenTogether(
          awsPorts.map((port) => [port, forward(name, port)]),
        )
        servers.push(...opened)
        reached.set(name, { name, host, ports })
      }
      return [...reached.values()]
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await Promise.all(servers.map(closeServer))
    },
  }
}

/** The address on which the name's own sockets wait on AWS's ports; undefined where they wait elsewhere. */
function directly(
  names: EndpointRegistry,
  name: string,
  awsPorts: readonly number[],
): ReachableName | undefined {
  const sockets = awsPorts.map((port) => names.lookup(name, port)?.socket)
  const host = sockets[0]?.address
  if (host === undefined || !endpointAddresses.includes(host) || host === '127.0.0.1') return undefined
  const same = sockets.every((socket, index) => socket?.address === host && socket.port === awsPorts[index])
  return same ? { name, host, ports: new Map(awsPorts.map((port) => [port, port])) } : undefined
}

/** Names that have a real socket, longest first, so that a name within another is not mistaken for it. */
function ownedNames(names: EndpointRegistry): [name: string, ports: number[]][] {
  const ports = new Map<string, number[]>()
  for (const binding of names.all()) {
    if (binding.socket) ports.set(binding.name, [...(ports.get(binding.name) ?? []), binding.port])
  }
  return [...ports].sort(([a], [b]) => b.length - a.length)
}

let rotation = Math.floor(Math.random() * POOL_SIZE)

/** Listens with all servers on one address of the pool; an address on which a port is taken is passed over. */
async function listenTogether(servers: [awsPort: number, server: Server][]) {
  for (let attempt = 0; attempt < endpointAddresses.length; attempt++) {
    const host = endpointAddresses[rotation++ % endpointAddresses.length] ?? '127.0.0.1'
    const opened: Server[] = []
    const ports = new Map<number, number>()
    try {
      for (const [awsPort, server] of servers) {
        ports.set(awsPort, await listen(server, host, awsPort))
        opened.push(server)
      }
      return { host, ports, opened }
    } catch (error) {
      await Promise.all(opened.map(closeServer))
      if (!isCode(error, 'EADDRINUSE')) throw error
    }
  }
  throw new Error(
    `all ${endpointAddresses.length} endpoint addresses are taken: too many tasks on this machine`,
  )
}

async function listen(server: Server, host: string, awsPort: number): Promise<number> {
  try {
    await listenOn(server, host, loopbackNetwork ? awsPort : 0)
  } catch (error) {
    // Only root may open ports below 1024; a URL that spells the port is rewritten to this one.
    if (!isCode(error, 'EACCES')) throw error
    await listenOn(server, host, 0)
  }
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has an address and a port')
  return address.port
}

/** Resolves when the server listens; rejects with the system's error. */
export async function listenOn(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port, exclusive: true })
  await once(server, 'listening')
}

/** Resolves when the server has closed, and its connections with it. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
