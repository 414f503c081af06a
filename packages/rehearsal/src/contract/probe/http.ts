/** One request on a connection of one's own, as the load balancer sends it, and what becomes of the connection. */
import { connect, type Socket } from 'node:net'
import type { Address } from '../subject/service-alone.ts'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An open connection; every method rejects where it is lost. */
export interface RawConnection {
  /** Writes bytes, as they are. */
  write(text: string): void
  /** Reads one whole answer. */
  read(timeoutMs: number): Promise<RawAnswer>
  /** When the other side closed it, by `performance.now()`; undefined while it is open. */
  readonly closedAt: number | undefined
  close(): void
}

export class ConnectionLost extends Error {}

export function openConnection({ host, port }: Address, timeoutMs = 2_000): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    socket.setTimeout(timeoutMs, () => socket.destroy(new ConnectionLost(`no connection to ${host}:${port}`)))
    socket.once('error', (error) => reject(new ConnectionLost(error.message)))
    socket.once('connect', () => {
      socket.setTimeout(0)
      resolve(wrap(socket))
    })
  })
}

function wrap(socket: Socket): RawConnection {
  let received = ''
  let closedAt: number | undefined
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const each of waiting) each()
  }
  const onClose = () => {
    closedAt ??= performance.now()
    wake()
  }
  // Latin 1: lengths are bytes.
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    wake()
  })
  socket.on('end', onClose)
  socket.on('error', onClose)
  socket.on('close', onClose)
  return {
    write: (text) => void socket.write(text, 'latin1'),
    async read(timeoutMs) {
      const until = performance.now() + timeoutMs
      for (;;) {
        const parsed = parse(received, closedAt !== undefined)
        if (parsed) {
          received = received.slice(parsed.length)
          return parsed.answer
        }
        if (closedAt !== undefined)
          throw new ConnectionLost('the connection was closed before a whole answer')
        const left = until - performance.now()
        if (left <= 0) throw new ConnectionLost(`no whole answer within ${Math.round(timeoutMs)} ms`)
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer)
            waiting.delete(done)
            resolve()
          }
          const timer = setTimeout(done, left)
          waiting.add(done)
        })
      }
    },
    get closedAt() {
      return closedAt
    },
    close: () => socket.destroy(),
  }
}

/** Undefined while the answer is not complete. */
function parse(text: string, ended: boolean): { answer: RawAnswer; length: number } | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const [line = '', ...fields] = text.slice(0, head).split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    }),
  )
  const status = Number(line.split(' ')[1])
  const start = head + 4
  const complete = (end: number, body: string) => ({ answer: { status, headers, body }, length: end })
  if (status === 204 || status === 304) return complete(start, '')
  const length = headers['content-length']
  if (length !== undefined) {
    const end = start + Number(length)
    return text.length < end ? undefined : complete(end, text.slice(start, end))
  }
  if (headers['transfer-encoding']?.includes('chunked')) {
    const end = text.indexOf('0\r\n\r\n', start)
    return end < 0 ? undefined : complete(end + 5, text.slice(start, end))
  }
  return ended ? complete(text.length, text.slice(start)) : undefined
}

/** A request without a body. */
export const requestText = (method: string, path: string, host: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\nUser-Agent: ELB-HealthChecker/2.0\r\n${more}\r\n`

/** Resolves with the status, or undefined where there was no answer in time. */
export async function statusOf(
  address: Address,
  path: string,
  host: string,
  timeoutMs: number,
): Promise<RawAnswer | undefined> {
  try {
    const connection = await openConnection(address, timeoutMs)
    try {
      connection.write(requestText('GET', path, host))
      return await connection.read(timeoutMs)
    } finally {
      connection.close()
    }
  } catch (error) {
    if (error instanceof ConnectionLost) return undefined
    throw error
  }
}
