/**
 * The headers on their way through the load balancer: what belongs to one connection stays behind, what tells
 * the target of its client is added. They are passed as flat lists of names and values, as node:http reads and
 * writes them, so that spelling, order and repetition survive.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
import { isIPv6 } from 'node:net'
import type { Viewer } from '../../../../http/endpoint.ts'
import { portOfHost, withoutPort } from '../../../../http/host.ts'
import type { Listener, Settings } from '../../model/model.ts'
import { headerName } from './header-names.ts'
import type { ClientRequest } from './messages.ts'

/** What of the load balancer's attributes shapes headers. */
export interface HeaderSettings {
  readonly dropInvalid: boolean
  readonly forwardedFor: string
  readonly clientPort: boolean
  readonly preserveHost: boolean
  readonly tls: boolean
}

const settingsOf = new WeakMap<Settings, HeaderSettings>()

export function headerSettings(settings: Settings): HeaderSettings {
  const known = settingsOf.get(settings)
  if (known) return known
  const on = (key: string) => settings[`routing.http.${key}.enabled`] === 'true'
  const created: HeaderSettings = {
    dropInvalid: on('drop_invalid_header_fields'),
    forwardedFor: settings['routing.http.xff_header_processing.mode'] ?? 'append',
    clientPort: on('xff_client_port'),
    preserveHost: on('preserve_host_header'),
    tls: on('x_amzn_tls_version_and_cipher_suite'),
  }
  settingsOf.set(settings, created)
  return created
}

/** What of one request goes into its headers. */
export interface Outgoing {
  readonly viewer: Viewer
  /** Of the Host header. */
  readonly host: string
  readonly traceId: string
  /** Keeps the handshake of a WebSocket. */
  readonly upgrade: boolean
  /** Makes the request the last one on its connection. */
  readonly close: boolean
}

/** The request's headers as its target gets them. */
export function targetHeaders(
  request: ClientRequest,
  settings: HeaderSettings,
  { viewer, host, traceId, upgrade, close }: Outgoing,
): string[] {
  const raw = request.rawHeaders
  const named = nominated(request.headers.connection)
  const headers: string[] = []
  let forwardedFor = ''
  let hosts = 0
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    const { kind, lower, valid } = headerName(name)
    if (kind === 'other') {
      if (named?.has(lower) || (settings.dropInvalid && !valid)) continue
      headers.push(name, value)
    } else if (kind === 'host') {
      // Several reach the target only where all of them are to be preserved.
      if (hosts++ === 0) headers.push(name, host)
      else if (settings.preserveHost) headers.push(name, value)
    } else if (kind === 'x-forwarded-for') {
      if (settings.forwardedFor === 'preserve') headers.push(name, value)
      else forwardedFor += forwardedFor === '' ? value : `, ${value}`
    } else if (kind === 'tls' && !settings.tls) headers.push(name, value)
  }
  if (hosts === 0) headers.push('Host', host)
  if (settings.forwardedFor === 'append') {
    const client = clientAddress(request, viewer, settings.clientPort)
    headers.push('X-Forwarded-For', forwardedFor === '' ? client : `${forwardedFor}, ${client}`)
  }
  headers.push('X-Forwarded-Proto', viewer.scheme, 'X-Forwarded-Port', String(viewer.port))
  headers.push('X-Amzn-Trace-Id', traceId)
  if (settings.tls) addTls(headers, request)
  if (request.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked')
  if (upgrade) headers.push('Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? 'websocket')
  else headers.push('Connection', close ? 'close' : 'keep-alive')
  return headers
}

function clientAddress(request: ClientRequest, { address }: Viewer, withPort: boolean): string {
  if (!withPort) return address
  return `${isIPv6(address) ? `[${address}]` : address}:${request.socket.remotePort ?? 0}`
}

/** Both in OpenSSL's spelling; none where the client did not come over TLS. */
function addTls(headers: string[], { socket }: ClientRequest): void {
  const version = socket.getProtocol?.()
  const cipher = socket.getCipher?.().name
  if (version && cipher) headers.push('X-Amzn-Tls-Version', version, 'X-Amzn-Tls-Cipher-Suite', cipher)
}

/**
 * The Host header for the target: without a listener's usual port, with an unusual one, unless it is preserved.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#host-header-preservation
 */
export function outgoingHost(received: string, port: number, preserve: boolean): string {
  if (preserve) return received
  const bare = port === 80 || port === 443
  if (bare) return withoutPort(received)
  return portOfHost(received) === undefined ? `${received}:${port}` : received
}

/** What a listener's attributes do to every answer. */
export interface AnswerHeaders {
  /** Set in every answer; flat. */
  readonly added: readonly string[]
  /** In lower case: left out of what the target answers. */
  readonly removed: ReadonlySet<string>
  readonly server: boolean
}

const responsePrefix = 'routing.http.response.'
const responseSuffix = '.header_value'
const answerHeadersOf = new WeakMap<Settings, AnswerHeaders>()

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html */
export function answerHeaders({ settings }: Listener): AnswerHeaders {
  const known = answerHeadersOf.get(settings)
  if (known) return known
  const added = Object.entries(settings).flatMap(([key, value]) =>
    key.startsWith(responsePrefix) && key.endsWith(responseSuffix) && value !== ''
      ? [key.slice(responsePrefix.length, -responseSuffix.length).replaceAll('_', '-'), value]
      : [],
  )
  const server = settings['routing.http.response.server.enabled'] !== 'false'
  const removed = new Set(added.filter((_, index) => index % 2 === 0))
  if (!server) removed.add('server')
  const created = { added, removed, server }
  answerHeadersOf.set(settings, created)
  return created
}

/** The target's headers as the client gets them; node:http adds those of the client's connection. */
export function clientHeaders(
  raw: readonly string[],
  cookies: readonly string[],
  { added, removed }: AnswerHeaders,
): string[] {
  const headers: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const { kind, lower } = headerName(name)
    if (kind === 'hop-by-hop' || (removed.size > 0 && removed.has(lower))) continue
    headers.push(name, raw[index + 1] ?? '')
  }
  if (added.length > 0) headers.push(...added)
  if (cookies.length > 0) headers.push(...cookies)
  return headers
}

/** Names that the Connection header declares to be of this connection only (RFC 9110, 7.6.1). */
function nominated(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  const lower = connection.toLowerCase()
  if (lower === 'keep-alive' || lower === 'close') return undefined
  const names = new Set(lower.split(',').map((name) => name.trim()))
  // Without it the target would take the body for the next request.
  names.delete('content-length')
  return names
}

/** Above this size of all headers a trace that was received is not continued. */
const maxTracedHeaders = 7 * 1024

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
export function traceId(
  received: string | string[] | undefined,
  headersSize: number,
  nowMs: number,
  random: string,
): string {
  const own = `1-${Math.floor(nowMs / 1000).toString(16)}-${random}`
  if (typeof received !== 'string' || received === '' || headersSize > maxTracedHeaders) return `Root=${own}`
  const fields = received.split(';').filter((field) => field !== '' && !field.startsWith('Self='))
  return fields.some((field) => field.startsWith('Root='))
    ? `Self=${own};${fields.join(';')}`
    : `Root=${own};${fields.join(';')}`
}
