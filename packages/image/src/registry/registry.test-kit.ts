/**
 * For tests: a registry as far as pushing and pulling go, with the ways of others than ECR: tokens for a bearer,
 * indexes of several platforms, and answers that fail a few times first.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface TestRegistry extends AsyncDisposable {
  readonly endpoint: string
  /** Method and path of each request, in order. */
  readonly requests: string[]
  readonly blobs: Map<string, Buffer>
  readonly manifests: Map<string, { type: string; body: Buffer }>
  /** How many of the next requests answer 503. */
  failures: number
  /** Demands a token from `/token`. */
  bearer: boolean
  /** `user:password` that it, or its source of tokens, demands; or a refresh token. */
  login: string | undefined
}

export async function startTestRegistry(): Promise<TestRegistry> {
  const registry = {
    endpoint: '',
    requests: [] as string[],
    blobs: new Map<string, Buffer>(),
    manifests: new Map<string, { type: string; body: Buffer }>(),
    failures: 0,
    bearer: false,
    login: undefined as string | undefined,
  }
  const server = createServer({ keepAliveTimeout: 75_000 }, async (request, response) => {
    const body = await buffer(request)
    const url = new URL(request.url ?? '/', registry.endpoint)
    registry.requests.push(`${request.method} ${url.pathname}`)
    const known = registry.login === undefined || knows(registry.login, request, body)
    if (url.pathname === '/token' && !known) response.writeHead(401).end()
    else if (url.pathname === '/token') {
      const scope = url.searchParams.get('scope') ?? new URLSearchParams(body.toString()).get('scope')
      const granted = scope?.startsWith('repository:') && 'for-the-bearer'
      response.end(JSON.stringify({ token: granted }))
    } else if (registry.bearer && request.headers.authorization !== 'Bearer for-the-bearer') {
      const challenge = `Bearer realm="${registry.endpoint}/token",service="test"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    } else if (!registry.bearer && !known) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    } else if (registry.failures > 0) {
      registry.failures--
      response.writeHead(503).end()
    } else answer(registry, request, response, url, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  registry.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(registry, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

function knows(login: string, { headers }: IncomingMessage, body: Buffer): boolean {
  const isBasic = headers.authorization === `Basic ${Buffer.from(login).toString('base64')}`
  return isBasic || new URLSearchParams(body.toString()).get('refresh_token') === login
}

function answer(
  { blobs, manifests }: Pick<TestRegistry, 'blobs' | 'manifests'>,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: Buffer,
): void {
  const [, kind, name = ''] = /^\/v2\/.+?\/(manifests|blobs)\/(.+)?$/.exec(url.pathname) ?? []
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
  if (method === 'POST') response.writeHead(202, { location: `${url.pathname}upload` }).end()
  else if (method === 'PUT' && kind === 'manifests') {
    for (const key of [name, digest]) manifests.set(key, { type: headers['content-type'] ?? '', body })
    response.writeHead(201, { 'docker-content-digest': digest }).end()
  } else if (method === 'PUT') {
    blobs.set(url.searchParams.get('digest') ?? '', body)
    response.writeHead(201).end()
  } else {
    const found =
      kind === 'manifests' ? manifests.get(name) : blobs.has(name) && { type: '', body: blobs.get(name) }
    if (!found)
      response.writeHead(404).end(JSON.stringify({ errors: [{ code: 'BLOB_UNKNOWN', message: name }] }))
    else
      response.writeHead(200, { 'content-type': found.type }).end(method === 'HEAD' ? undefined : found.body)
  }
}
