/**
 * The emulator's end of the relay (`relay.ts`): a socket that only the relay's container has, and behind it what the
 * emulator serves at each address. Where the engine is in a virtual machine, which shares no sockets, it is a port of
 * loopback, and a secret proves the relay.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { closeServer } from '../../network/name-forwarders.ts'

export interface RelayDoor {
  /** Folder of the socket, for the container to mount; undefined where it is a port. */
  readonly folder: string | undefined
  readonly port: number | undefined
  readonly token: string
  /** Resolves when a relay has connected. */
  readonly connected: Promise<void>
  /** Says at which `address:port` to listen; resolves when the relay does. */
  listenAt(places: readonly string[]): Promise<void>
  close(): Promise<void>
}

export const socketName = 'relay.sock'
const firstLineMax = 4_096
const firstLineTimeoutMs = 10_000

/** `serve` gets each connection with the `address:port` that it was made to. */
export async function openRelayDoor(options: {
  readonly local: boolean
  serve(place: string, socket: Socket): void
}): Promise<RelayDoor> {
  const token = randomBytes(32).toString('hex')
  const sockets = new Set<Socket>()
  const connected = Promise.withResolvers<void>()
  const answers = new Map<number, () => void>()
  let control: Socket | undefined
  let next = 0
  // The path of a socket holds about a hundred characters, and a state directory may have more.
  const folder = options.local ? mkdtempSync(join(tmpdir(), 'baton-relay-')) : undefined

  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    firstLine(socket).then(
      (line) => admit(line, socket),
      () => socket.destroy(),
    )
  })

  function admit(line: string, socket: Socket): void {
    const { token: shown = '', to } = JSON.parse(line) as { token?: string; to?: string }
    if (!isSame(shown, token)) return void socket.destroy()
    if (to !== undefined) {
      options.serve(to, socket)
      return
    }
    control = socket
    createInterface(socket).on('line', (answer) => {
      const { done } = JSON.parse(answer) as { done: number }
      answers.get(done)?.()
      answers.delete(done)
    })
    socket.once('close', () => {
      for (const answer of answers.values()) answer()
      answers.clear()
    })
    connected.resolve()
  }

  await listen(server, folder)
  const address = server.address()
  return {
    folder,
    port: address !== null && typeof address === 'object' ? address.port : undefined,
    token,
    connected: connected.promise,
    async listenAt(places) {
      await connected.promise
      const id = next++
      const { promise, resolve } = Promise.withResolvers<void>()
      if (!control || control.destroyed) return
      answers.set(id, resolve)
      control.write(`${JSON.stringify({ id, listen: places })}\n`)
      await promise
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await closeServer(server)
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listen(server: Server, folder: string | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('listening', resolve).once('error', reject)
  if (folder === undefined) server.listen({ host: '127.0.0.1', port: 0 })
  else server.listen(join(folder, socketName))
  await promise
  if (folder !== undefined) chmodSync(join(folder, socketName), 0o600)
}

/** Reads to the first line break; what comes after it stays in the socket. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => reject(new Error('no first line')), firstLineTimeoutMs)
    const end = () => reject(new Error('ended before its first line'))
    const read = () => {
      for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read() as Buffer | null) {
        const index = chunk.indexOf(10)
        chunks.push(index < 0 ? chunk : chunk.subarray(0, index))
        size += chunk.length
        if (index < 0 && size <= firstLineMax) continue
        clearTimeout(timer)
        socket.off('readable', read).off('close', end)
        if (index < 0) return reject(new Error('the first line is too long'))
        if (index + 1 < chunk.length) socket.unshift(chunk.subarray(index + 1))
        return resolve(Buffer.concat(chunks).toString('utf8'))
      }
    }
    socket.on('readable', read).once('close', end)
    socket.once('close', () => clearTimeout(timer))
    read()
  })
}

function isSame(shown: string, expected: string): boolean {
  return shown.length === expected.length && timingSafeEqual(Buffer.from(shown), Buffer.from(expected))
}
