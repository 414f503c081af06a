/**
 * A client of one repository in a registry: the HTTP side of the OCI distribution protocol, with its ways to prove
 * who asks and its bounded retries. The requests are in `push.ts` and `pull.ts`.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
import { fetchRegistry } from './fetch.ts'

export interface RegistryAccess {
  /** Address of the registry, e.g. ECR's `proxyEndpoint`. */
  readonly endpoint: string
  /** Name of the repository, e.g. `keencho-production/admin`. */
  readonly repository: string
  readonly username?: string
  readonly password?: string
  /** An OAuth 2 refresh token in place of user name and password. */
  readonly identityToken?: string
  readonly fetch?: typeof fetch
}

export interface RegistryRequest {
  readonly method?: string
  readonly headers?: Record<string, string>
  /** Called for each attempt, since a body can be sent only once. */
  readonly body?: () => Blob | Uint8Array<ArrayBuffer> | Promise<Blob>
  /** Statuses that are an answer; any other is an error. */
  readonly accept: readonly number[]
  /** What is being done, for the error: `push layer sha256:…`. */
  readonly purpose: string
}

export interface Registry {
  /** A path below `/v2/<repository>/`, or an absolute address that the registry gave. */
  url(path: string): URL
  request(path: string | URL, options: RegistryRequest): Promise<Response>
}

export interface RegistryFailure {
  /** HTTP status; undefined when no answer came. */
  readonly status?: number | undefined
  /** The registry's own codes, e.g. `NAME_UNKNOWN`. */
  readonly codes?: readonly string[]
  readonly fix?: string
  readonly cause?: unknown
}

/** What a registry answered, or why it could not be asked. */
export class RegistryError extends Error {
  readonly status: number | undefined
  readonly codes: readonly string[]
  readonly fix: string
  constructor(message: string, { status, codes = [], fix = checkRegistry, cause }: RegistryFailure = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'RegistryError'
    this.status = status
    this.codes = codes
    this.fix = fix
  }
}

const checkRegistry =
  'Check the name of the image and the network to its registry; then run the command again.'

const attempts = 4

export function connectRegistry(access: RegistryAccess, action: 'pull' | 'pull,push'): Registry {
  const send = access.fetch ?? fetchRegistry
  const endpoint = access.endpoint.endsWith('/') ? access.endpoint : `${access.endpoint}/`
  const root = new URL(`v2/${access.repository}/`, endpoint)
  const basic =
    access.username !== undefined && `Basic ${btoa(`${access.username}:${access.password ?? ''}`)}`
  let authorization: string | undefined

  async function once(url: URL, options: RegistryRequest): Promise<Response> {
    const body = await options.body?.()
    const headers = {
      ...options.headers,
      ...(url.origin === root.origin && authorization && { authorization }),
    }
    return send(url, { method: options.method ?? 'GET', headers, ...(body && { body }) })
  }

  async function request(path: string | URL, options: RegistryRequest): Promise<Response> {
    const url = path instanceof URL ? path : new URL(path, root)
    for (let attempt = 1; ; attempt++) {
      const last = attempt === attempts
      let response: Response
      try {
        response = await once(url, options)
        if (response.status === 401) {
          await response.body?.cancel()
          authorization = await prove(response.headers.get('www-authenticate') ?? '')
          response = await once(url, options)
        }
      } catch (error) {
        if (error instanceof RegistryError || last) throw unreachable(url, options.purpose, error)
        await pause(attempt)
        continue
      }
      if (options.accept.includes(response.status)) return response
      const busy = response.status === 429 || response.status >= 500
      if (!busy || last) throw await refused(url, options.purpose, response)
      await response.body?.cancel()
      await pause(attempt)
    }
  }

  /** Answers a challenge: with the credentials themselves, or with a token that they, or nothing, are good for. */
  async function prove(challenge: string): Promise<string> {
    const [scheme = '', parameters = ''] = challenge.split(/\s+(.*)/s)
    if (scheme.toLowerCase() === 'basic' && basic) return basic
    if (scheme.toLowerCase() === 'bearer') return `Bearer ${await token(parameters)}`
    const reason =
      basic || access.identityToken
        ? `asks for "${challenge}", which is not supported`
        : 'asks for a user name and a password'
    throw new RegistryError(`The registry ${root.host} ${reason}`, { status: 401, fix: logIn(root.host) })
  }

  /** https://distribution.github.io/distribution/spec/auth/token/ */
  async function token(parameters: string): Promise<string> {
    const given = new Map(
      [...parameters.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    )
    const realm = given.get('realm')
    if (realm === undefined)
      throw new RegistryError(`The registry ${root.host} names no source of tokens`, { status: 401 })
    const url = new URL(realm)
    const service = given.get('service') ?? root.host
    const scope = `repository:${access.repository}:${action}`
    const response = await (access.identityToken
      ? refreshed(url, { service, scope, refresh_token: access.identityToken })
      : granted(url, { service, scope }))
    if (!response.ok) throw await refused(url, `get a token for ${access.repository}`, response)
    const { token, access_token } = (await response.json()) as { token?: string; access_token?: string }
    const text = token ?? access_token
    if (!text) throw new RegistryError(`${url.host} answered without a token`, { status: 401 })
    return text
  }

  function granted(url: URL, wanted: Record<string, string>): Promise<Response> {
    for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value)
    return send(url, { headers: { ...(basic && { authorization: basic }) } })
  }

  /** https://distribution.github.io/distribution/spec/auth/oauth/ */
  function refreshed(url: URL, wanted: Record<string, string>): Promise<Response> {
    const grant = { grant_type: 'refresh_token', client_id: 'baton', ...wanted }
    return send(url, { method: 'POST', body: new URLSearchParams(grant) })
  }

  return { url: (path) => new URL(path, root), request }
}

function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100 * 4 ** (attempt - 1) * (0.5 + Math.random())))
}

function unreachable(url: URL, purpose: string, error: unknown): RegistryError {
  if (error instanceof RegistryError)
    return new RegistryError(`Cannot ${purpose}: ${error.message}`, {
      status: error.status,
      fix: error.fix,
      cause: error,
    })
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RegistryError(`Cannot ${purpose}: ${url.host} does not answer (${reason})`, { cause: error })
}

/** Errors of a registry: `{ "errors": [{ "code", "message" }] }`. */
async function refused(url: URL, purpose: string, response: Response): Promise<RegistryError> {
  const text = await response.text().catch(() => '')
  let errors: { code?: string; message?: string }[] = []
  try {
    errors = JSON.parse(text).errors ?? []
  } catch {
    // An answer from something in between, such as a proxy: it has only its status.
  }
  const details = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ')
  const message = `Cannot ${purpose}: ${url.host} answers ${response.status}${details && ` (${details})`}`
  const codes = errors.flatMap(({ code }) => code ?? [])
  return new RegistryError(message, {
    status: response.status,
    codes,
    ...(response.status === 401 || response.status === 403 ? { fix: logIn(url.host) } : {}),
  })
}

const logIn = (host: string) =>
  `Log in to it with \`docker login ${host}\` or \`podman login ${host}\`, as a user that may do this.`
