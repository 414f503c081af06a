/**
 * The headers on their way through the load balancer: what belongs to one connection stays behind, what tells
 * the target of its client is added. They are passed as flat lists of names and values, as node:http reads and
 * writes them, so that spelling, order and repetition survive.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
import type { IncomingMessage } from 'node:http'
import type { Viewer } from '../../../service.ts'
import type { Listener, Settings } from '../model.ts'

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** What of the load balancer's attributes shapes headers. */
export interface HeaderSettings {
  readonly dropInvalid: boolean
  readonly forwardedFor: string
  readonly clientPort: boolean
}

export const headerSettings = (settings: Settings): HeaderSettings => ({
  dropInvalid: settings['routing.http.drop_invalid_header_fields.enabled'] === 'true',
  forwardedFor: settings['routing.http.xff_header_processing.mode'] ?? 'append',
  clientPort: settings['routing.http.xff_client_port.enabled'] === 'true',
})

/** The request's headers as its target gets them. `upgrade` keeps the handshake of a WebSocket. */
export function targetHeaders(
  request: IncomingMessage,
  viewer: Viewer,
  settings: HeaderSettings,
  traceId: string,
  upgrade: boolean,
): string[] {
  const raw = request.rawHeaders
  const named = nominated(request.headers.connection)
  const headers: string[] = []
  let forwardedFor = ''
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'x-forwarded-for' && settings.forwardedFor !== 'preserve') {
      forwardedFor += forwardedFor === '' ? value : `, ${value}`
      continue
    }
    if (lower === 'x-forwarded-proto' || lower === 'x-forwarded-port' || lower === 'x-amzn-trace-id') continue
    if (hopByHop.has(lower) || named?.has(lower)) continue
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
    if (settings.dropInvalid && !/^[A-Za-z0-9-]+$/.test(name)) continue
    headers.push(name, value)
  }
  if (settings.forwardedFor === 'append') {
    const client = settings.clientPort
      ? `${viewer.address}:${request.socket.remotePort ?? 0}`
      : viewer.address
    headers.push('X-Forwarded-For', forwardedFor === '' ? client : `${forwardedFor}, ${client}`)
  }
  headers.push(
    'X-Forwarded-Proto',
    viewer.scheme,
    'X-Forwarded-Port',
    String(viewer.port),
    'X-Amzn-Trace-Id',
    traceId,
  )
  if (request.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked')
  if (upgrade) headers.push('Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? 'websocket')
  else headers.push('Connection', 'keep-alive')
  return headers
}

/** The target's headers as the client gets them; node:http adds those of the client's connection. */
export function clientHeaders(
  raw: readonly string[],
  added: readonly string[],
  overrides: readonly string[],
): string[] {
  const headers: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || overrides.some((each, at) => at % 2 === 0 && each.toLowerCase() === lower))
      continue
    headers.push(name, raw[index + 1] ?? '')
  }
  return added.length + overrides.length > 0 ? [...headers, ...overrides, ...added] : headers
}

const responsePrefix = 'routing.http.response.'
const responseSuffix = '.header_value'
const overridesOf = new WeakMap<Listener, readonly string[]>()

/** Headers (flat) that the listener's attributes set in every answer. */
export function responseOverrides(listener: Listener): readonly string[] {
  const known = overridesOf.get(listener)
  if (known) return known
  const made = Object.entries(listener.settings).flatMap(([key, value]) =>
    key.startsWith(responsePrefix) && key.endsWith(responseSuffix) && value !== ''
      ? [key.slice(responsePrefix.length, -responseSuffix.length).replaceAll('_', '-'), value]
      : [],
  )
  overridesOf.set(listener, made)
  return made
}

/** Names that the Connection header declares to be of this connection only (RFC 9110, 7.6.1). */
function nominated(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined) return undefined
  const lower = connection.toLowerCase()
  if (lower === 'keep-alive' || lower === 'close') return undefined
  return new Set(lower.split(',').map((name) => name.trim()))
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
export function traceId(received: string | string[] | undefined, nowMs: number, random: string): string {
  const own = `1-${Math.floor(nowMs / 1000).toString(16)}-${random}`
  if (typeof received !== 'string' || received === '') return `Root=${own}`
  const fields = received.split(';').filter((field) => field !== '' && !field.startsWith('Self='))
  return fields.some((field) => field.startsWith('Root='))
    ? `Self=${own};${fields.join(';')}`
    : `Root=${own};${fields.join(';')}`
}
