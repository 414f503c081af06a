/**
 * The calls of Docker's Engine API that the emulator makes. Podman answers the same ones. It is a thin layer over
 * node:http: what a client library for it would bring (SSH, gRPC, builds, and packages with scripts of their own) is not used
 * here.
 *
 * https://docs.docker.com/reference/api/engine/version/v1.43/
 */
import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { EngineAddress } from './engine-address.ts'
import { EngineError } from './engine-error.ts'

/** 20.10 of Docker and 4 of Podman have it. */
const apiVersion = 'v1.41'

export interface EngineRequest {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  /** In place of `body`. */
  readonly stream?: Readable
  readonly signal?: AbortSignal
  /** How long the answer may take to begin; for ever where it is not given. */
  readonly timeoutMs?: number
}

export interface EngineClient {
  readonly address: EngineAddress
  /** Parsed where it is JSON, undefined where the answer is empty. Throws `EngineError`. */
  call<T>(method: string, path: string, options?: EngineRequest): Promise<T>
  /** The lines of an answer that are JSON each, such as those of a load. */
  lines(method: string, path: string, options?: EngineRequest): Promise<Record<string, unknown>[]>
  /** The connection, once it carries a container's output and nothing else. */
  hijack(path: string, options?: EngineRequest): Promise<Readable>
  close(): void
}

export function createEngineClient(address: EngineAddress): EngineClient {
  const options = { keepAlive: true, maxSockets: 512 }
  const agent = address.tls ? new TlsAgent(options) : new Agent(options)

  function open(method: string, path: string, given: EngineRequest, headers: Record<string, string> = {}) {
    const { query = {}, body, stream } = given
    const search = new URLSearchParams(
      Object.entries(query).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    )
    const text = body === undefined ? undefined : JSON.stringify(body)
    const all = {
      method,
      path: `/${apiVersion}${path}${search.size > 0 ? `?${search}` : ''}`,
      agent,
      headers: {
        host: 'engine',
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
        ...(stream ? { 'content-type': 'application/x-tar' } : {}),
        ...headers,
      },
      ...(address.socketPath === undefined
        ? { host: address.host, port: address.port }
        : { socketPath: address.socketPath }),
      ...(given.signal ? { signal: given.signal } : {}),
    }
    const made: ClientRequest = address.tls
      ? tlsRequest({ ...all, ...address.tls, rejectUnauthorized: address.tls.verify })
      : plainRequest(all)
    if (given.timeoutMs !== undefined)
      made.setTimeout(given.timeoutMs, () =>
        made.destroy(new Error(`no answer within ${given.timeoutMs} ms`)),
      )
    if (stream) pipeline(stream, made).catch((error) => made.destroy(error))
    else made.end(text)
    return made
  }

  async function answered(method: string, path: string, given: EngineRequest): Promise<IncomingMessage> {
    const [response] = (await once(open(method, path, given), 'response')) as [IncomingMessage]
    if ((response.statusCode ?? 500) < 400) return response
    throw await failure(response)
  }

  return {
    address,
    async call<T>(method: string, path: string, given: EngineRequest = {}): Promise<T> {
      const text = await textOf(await answered(method, path, given))
      const isJson = /^\s*[[{"]/.test(text)
      return (isJson ? JSON.parse(text) : text === '' ? undefined : text) as T
    },
    async lines(method, path, given = {}) {
      const text = await textOf(await answered(method, path, given))
      return text
        .split('\n')
        .filter((line) => line.trim().startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    async hijack(path, given = {}) {
      const made = open('POST', path, given, { connection: 'Upgrade', upgrade: 'tcp' })
      const { promise, resolve, reject } = Promise.withResolvers<Readable>()
      made.once('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
      made.once('response', (response: IncomingMessage) => {
        if (response.statusCode === 200) resolve(response)
        else failure(response).then(reject, reject)
      })
      made.once('error', reject)
      return promise
    },
    close: () => agent.destroy(),
  }
}

async function failure(response: IncomingMessage): Promise<EngineError> {
  const text = await textOf(response)
  return new EngineError(response.statusCode ?? 500, messageOf(text) ?? text.trim())
}

function messageOf(text: string): string | undefined {
  try {
    const { message, cause } = JSON.parse(text) as { message?: string; cause?: string }
    return message ?? cause
  } catch {
    return undefined
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}
