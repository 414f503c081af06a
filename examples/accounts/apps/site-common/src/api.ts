/**
 * The API of the site's own host. Paths only: the edge sends `/api/*` of every host to the service of that host, so
 * there is neither CORS nor an address to configure.
 */

export interface Account {
  readonly id: number
  readonly loginId: string
  readonly name: string
  readonly createdAt: string
}

export interface AccountPage {
  readonly accounts: readonly Account[]
  readonly next: number | null
}

export interface NewAccount {
  readonly loginId: string
  readonly password: string
  readonly name: string
}

/** An answer that is no success; `fields` holds what is wrong with which input. */
export class ApiError extends Error {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  constructor(status: number, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.fields = fields
  }
}

export interface Answer<T> {
  readonly body: T
  /** The release of the service that answered. */
  readonly version: string | null
}

export function listAccounts(before?: number): Promise<Answer<AccountPage>> {
  return call('GET', `/api/accounts${before === undefined ? '' : `?before=${before}`}`)
}

export function addAccount(account: NewAccount): Promise<Answer<Account>> {
  return call('POST', '/api/accounts', account)
}

export function deleteAccount(id: number): Promise<Answer<void>> {
  return call('DELETE', `/api/accounts/${id}`)
}

export interface Health {
  readonly status: string
  readonly database: string
  readonly version: string
}

export function health(): Promise<Answer<Health>> {
  return call('GET', '/api/health')
}

/** Longer than any answer takes, shorter than anybody waits. */
const timeoutMs = 20_000

async function call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(() => {
    throw new ApiError(0, 'The service cannot be reached. Please check your connection.')
  })
  // What stands between may answer with a page of its own.
  const answer = await response.json().catch(() => undefined)
  if (response.ok && answer === undefined && response.status !== 204) {
    throw new ApiError(response.status, 'The service gave an answer that this page does not understand.')
  }
  if (response.ok) return { body: answer, version: response.headers.get('x-app-version') }
  const { message, fields } = answer?.error ?? {}
  throw new ApiError(
    response.status,
    message ?? `The service answered with status ${response.status}.`,
    fields,
  )
}
