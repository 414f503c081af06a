/**
 * Stands for a task's elastic network interface. On Linux all of 127.0.0.0/8 is this machine, so each task gets
 * an address of its own and keeps its container port, as on AWS; elsewhere tasks share 127.0.0.1 and get a free
 * port. A listening socket on the address guards it: another emulator on the same machine then takes the next.
 */
import { createServer } from 'node:net'
import { closeServer, isCode, listenOn } from './name-forwarders.ts'

/** The port of the ECS agent's introspection on AWS: no application uses it. */
const GUARD_PORT = 51678
const ADDRESSES = 250 * 250

export interface TaskAddress {
  readonly address: string
  localPort(containerPort: number): Promise<number>
  release(): Promise<void>
}

/** Hands out task addresses in turn, beginning anywhere, so that one is not used again soon. */
export function createTaskAddresses(random: () => number = Math.random): () => Promise<TaskAddress> {
  let next = Math.floor(random() * ADDRESSES)
  if (process.platform !== 'linux') return async () => sharedAddress()
  return async () => {
    for (let attempt = 0; attempt < ADDRESSES; attempt++) {
      const index = next++ % ADDRESSES
      const address = `127.16.${Math.floor(index / 250)}.${(index % 250) + 1}`
      const guard = createServer((socket) => socket.destroy())
      try {
        await listenOn(guard, address, GUARD_PORT)
      } catch (error) {
        if (isCode(error, 'EADDRINUSE')) continue
        throw error
      }
      guard.unref()
      return { address, localPort: async (containerPort) => containerPort, release: () => closeServer(guard) }
    }
    throw new Error(`all ${ADDRESSES} task addresses are taken`)
  }
}

function sharedAddress(): TaskAddress {
  const ports = new Map<number, Promise<number>>()
  return {
    address: '127.0.0.1',
    localPort(containerPort) {
      const known = ports.get(containerPort) ?? freePort()
      ports.set(containerPort, known)
      return known
    },
    release: async () => undefined,
  }
}

/** A port that was free a moment ago. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer()
  await listenOn(server, address, 0)
  const bound = server.address()
  await closeServer(server)
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port')
  return bound.port
}
