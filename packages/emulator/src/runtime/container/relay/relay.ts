/**
 * Runs in a container on the network of the tasks, and has the addresses of the emulator's names there. Whatever connects
 * to one of them is passed on to the emulator, by a socket that only the two share. So the emulator itself listens
 * nowhere but on loopback.
 *
 * The file is mounted into that container and imports nothing but Node. Its protocol: each connection to the emulator
 * begins with a line of JSON; the first one stays open and brings lines that say where to listen. It ends with the
 * emulator.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** A path, or `host:port`. */
const upstream = process.argv[2] ?? ''
const token = process.env.BATON_RELAY_TOKEN ?? ''

function toEmulator(first: object): Socket {
  const [, host, port] = /^([^/]+):(\d+)$/.exec(upstream) ?? []
  const socket =
    host === undefined
      ? connect({ path: upstream, allowHalfOpen: true })
      : connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true })
  socket.write(`${JSON.stringify({ token, ...first })}\n`)
  return socket
}

const servers = new Map<string, Server>()

/** Listens at exactly these `address:port`, and resolves when it does. */
async function listenAt(wanted: readonly string[]): Promise<void> {
  for (const [place, server] of servers) {
    if (wanted.includes(place)) continue
    servers.delete(place)
    server.close()
  }
  await Promise.all(wanted.filter((place) => !servers.has(place)).map(open))
}

function open(place: string): Promise<void> {
  const [host = '', port = ''] = place.split(':')
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
    join(inbound, toEmulator({ to: place }))
  })
  servers.set(place, server)
  return new Promise((resolve) => {
    server.once('error', (error) => {
      console.error(`cannot listen at ${place}: ${error.message}`)
      servers.delete(place)
      resolve()
    })
    server.listen({ host, port: Number(port), backlog: 512 }, () => resolve())
  })
}

function join(inbound: Socket, outbound: Socket): void {
  for (const [from, to] of [[inbound, outbound] as const, [outbound, inbound] as const]) {
    from.once('close', () => to.destroy())
    from.on('error', () => from.destroy())
    from.pipe(to)
  }
}

const control = toEmulator({})
control.on('error', () => process.exit(1))
control.once('close', () => process.exit(0))
createInterface(control).on('line', (line) => {
  const { id, listen } = JSON.parse(line) as { id: number; listen: string[] }
  listenAt(listen).then(() => control.write(`${JSON.stringify({ done: id })}\n`))
})
