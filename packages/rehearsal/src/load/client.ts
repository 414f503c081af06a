/**
 * One request through the front door, judged as a client judges it: did it connect, answer in time, answer
 * whole, answer right. The real host name goes into TLS and into `Host`; only the address is this machine's.
 */
import type { Readable } from 'node:stream'
import { Pool } from 'undici'
import type { ClientCause } from './record.ts'

export interface Answer {
  readonly status?: number
  readonly version?: string
  readonly body: Buffer
  readonly cause?: ClientCause
  readonly detail?: string
}

export interface ClientRequest {
  readonly method: string
  readonly path: string
  readonly body?: string | Readable
  readonly expect: readonly number[]
}

export interface Client {
  send(request: ClientRequest): Promise<Answer>
  close(): Promise<void>
}

/** How long a client waits for an answer, in milliseconds of real time. */
export const timeoutMs = 15_000

export function openClient(options: { host: string; address: string; port: number; ca: string }): Client {
  const pool = new Pool(`https://${options.host}:${options.port}`, {
    // Visitors share connections, as behind a browser; without a bound a slow moment feeds itself by handshakes.
    connections: 48,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      ca: options.ca,
      servername: options.host,
      timeout: timeoutMs,
      lookup: (_hostname, lookupOptions, callback) =>
        lookupOptions.all
          ? callback(null, [{ address: options.address, family: 4 }])
          : callback(null, options.address, 4),
    },
  })
  return {
    send: (request) => send(pool, options.host, request),
    close: () => pool.destroy(),
  }
}

async function send(pool: Pool, host: string, request: ClientRequest): Promise<Answer> {
  let status: number | undefined
  let version: string | undefined
  try {
    const response = await pool.request({
      method: request.method,
      path: request.path,
      headers: { host, ...(request.body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: request.body ?? null,
    })
    status = response.statusCode
    const header = response.headers['x-app-version']
    version = Array.isArray(header) ? header[0] : header
    const body = Buffer.from(await response.body.arrayBuffer())
    const answer = { status, body, ...(version === undefined ? {} : { version }) }
    if (request.expect.includes(status)) return answer
    return { ...answer, cause: `status-${status}`, detail: body.subarray(0, 200).toString() }
  } catch (error) {
    return {
      body: Buffer.alloc(0),
      ...(status === undefined ? {} : { status }),
      ...(version === undefined ? {} : { version }),
      ...causeOf(error, status !== undefined),
    }
  }
}

/** Once the head has arrived, whatever goes wrong cut the body off. */
function causeOf(error: unknown, answered: boolean): { cause: ClientCause; detail: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const detail = error instanceof Error ? `${code} ${error.message}`.trim() : String(error)
  if (answered) return { cause: 'truncated-body', detail }
  return { cause: code.includes('TIMEOUT') ? 'time-out' : 'connection-error', detail }
}
