/**
 * The event that a function gets, and what it may give back.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
import { STATUS_CODES } from 'node:http'
import type { Distribution } from '../../model/distribution.ts'
import type { EdgeAnswer, EdgeRequest, Headers } from '../message/messages.ts'

interface Item {
  value?: unknown
  multiValue?: { value?: unknown }[]
  attributes?: unknown
}
type Items = Record<string, Item>

/** What a function returns that is neither a request nor a response: 502. */
export class InvalidFunctionResult extends Error {
  override name = 'InvalidFunctionResult'
}

export function requestEvent(distribution: Distribution, request: EdgeRequest, eventType: string) {
  const { cookie, ...headers } = request.headers
  return {
    version: '1.0',
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType,
      requestId: request.id,
    },
    viewer: { ip: request.viewerAddress },
    request: {
      method: request.method,
      uri: request.path,
      querystring: itemsOf(request.query.split('&')),
      headers: headerItems(headers),
      cookies: typeof cookie === 'string' ? itemsOf(cookie.split(';')) : {},
    },
  }
}

export function responseEvent(distribution: Distribution, request: EdgeRequest, answer: EdgeAnswer) {
  const { 'set-cookie': setCookie, ...headers } = answer.headers
  return {
    ...requestEvent(distribution, request, 'viewer-response'),
    response: {
      statusCode: answer.status,
      statusDescription: STATUS_CODES[answer.status] ?? '',
      headers: headerItems(headers),
      cookies: cookiesFromHeader(setCookie),
    },
  }
}

/** The request that a function returned, or the response that it gave instead. */
export function readRequestResult(
  result: unknown,
  request: EdgeRequest,
  before: ReturnType<typeof requestEvent>['request'],
): { request: EdgeRequest } | { answer: EdgeAnswer } {
  if (typeof result !== 'object' || result === null) {
    throw new InvalidFunctionResult('the function returned neither a request nor a response')
  }
  if ('statusCode' in result) return { answer: readResponse(result as ResponseResult) }
  const { uri, querystring, headers, cookies } = result as Partial<typeof before>
  if (typeof uri !== 'string' || !uri.startsWith('/')) {
    throw new InvalidFunctionResult('request.uri must begin with a slash')
  }
  const read = readHeaders(headers)
  if (read.host !== request.headers.host) throw new InvalidFunctionResult('the host header is read-only')
  const cookie = writeItems(cookies, '; ')
  // `?a` and `?a=` are one item: the original spelling stays unless the function changed something.
  const original = itemsOf(request.query.split('&'))
  const query = writeItems(querystring, '&')
  return {
    request: {
      ...request,
      path: uri.includes('?') ? uri.slice(0, uri.indexOf('?')) : uri,
      query: query === writeItems(original, '&') ? request.query : query,
      headers: cookie === '' ? read : { ...read, cookie },
    },
  }
}

/** The answer as a viewer-response function left it: status and headers may change, the body only if it gives one. */
export function readResponseResult(result: unknown, answer: EdgeAnswer): EdgeAnswer {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    throw new InvalidFunctionResult('a viewer-response function must return a response')
  }
  const read = readResponse(result as ResponseResult)
  const { body } = result as ResponseResult
  if (body !== undefined) return { ...read, result: answer.result }
  const length = answer.headers['content-length']
  const headers = length === undefined ? read.headers : { ...read.headers, 'content-length': length }
  return { ...answer, status: read.status, headers }
}

interface ResponseResult {
  statusCode?: unknown
  statusDescription?: unknown
  headers?: Items
  cookies?: Items
  body?: unknown
}

function readResponse({ statusCode, statusDescription, headers, cookies, body }: ResponseResult): EdgeAnswer {
  if (typeof statusCode !== 'number' || statusCode < 100 || statusCode > 599) {
    throw new InvalidFunctionResult('statusCode must be a number from 100 to 599')
  }
  const bytes = bodyOf(body)
  const setCookie = setCookies(cookies)
  return {
    status: statusCode,
    ...(typeof statusDescription === 'string' ? { statusText: statusDescription } : {}),
    headers: {
      server: 'CloudFront',
      ...readHeaders(headers),
      ...(setCookie.length === 0 ? {} : { 'set-cookie': setCookie }),
      ...(bytes === undefined ? {} : { 'content-length': String(bytes.length) }),
    },
    body: bytes,
    result: 'FunctionGeneratedResponse',
  }
}

function bodyOf(body: unknown): Buffer | undefined {
  if (body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  const { data, encoding } = (body ?? {}) as { data?: unknown; encoding?: unknown }
  if (typeof data !== 'string') throw new InvalidFunctionResult('body.data must be a string')
  return Buffer.from(data, encoding === 'base64' ? 'base64' : 'utf8')
}

function headerItems(headers: Headers): Items {
  const items: Items = Object.create(null)
  for (const name in headers) {
    const value = headers[name]
    if (Array.isArray(value))
      items[name] = { value: value[0] ?? '', multiValue: value.map((one) => ({ value: one })) }
    else if (value !== undefined) items[name] = { value }
  }
  return items
}

function readHeaders(items: Items | undefined): Headers {
  const headers: Headers = {}
  for (const name in items) {
    if (name !== name.toLowerCase())
      throw new InvalidFunctionResult(`header name ${name} must be in lower case`)
    const { value, multiValue } = items[name] ?? {}
    if (multiValue !== undefined) headers[name] = multiValue.map((one) => String(one.value))
    else if (typeof value === 'string') headers[name] = value
    else throw new InvalidFunctionResult(`headers.${name} must have a value that is a string`)
  }
  return headers
}

/** `a=1`, `b` … → items; names that occur more than once get `multiValue`. */
function itemsOf(pairs: readonly string[]): Items {
  const items: Items = Object.create(null)
  for (const pair of pairs) {
    const text = pair.trim()
    if (text === '') continue
    const at = text.indexOf('=')
    const name = at === -1 ? text : text.slice(0, at)
    const value = at === -1 ? '' : text.slice(at + 1)
    const known = Object.hasOwn(items, name) ? items[name] : undefined
    items[name] =
      known === undefined
        ? { value }
        : { value: known.value, multiValue: [...(known.multiValue ?? [{ value: known.value }]), { value }] }
  }
  return items
}

function writeItems(items: Items | undefined, joint: string): string {
  const pairs: string[] = []
  for (const name in items) {
    const { value, multiValue } = items[name] ?? {}
    for (const one of multiValue ?? [{ value }]) pairs.push(`${name}=${one.value ?? ''}`)
  }
  return pairs.join(joint)
}

function cookiesFromHeader(setCookie: string | string[] | undefined): Items {
  const items: Items = Object.create(null)
  for (const line of Array.isArray(setCookie) ? setCookie : setCookie === undefined ? [] : [setCookie]) {
    const [pair = '', ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    items[pair.slice(0, at).trim()] = {
      value: pair.slice(at + 1).trim(),
      attributes: attributes.join(';').trim(),
    }
  }
  return items
}

function setCookies(items: Items | undefined): string[] {
  return Object.entries(items ?? {}).flatMap(([name, { value, attributes, multiValue }]) =>
    (multiValue ?? [{ value, attributes }]).map((one) => {
      const rest = (one as Item).attributes
      return `${name}=${one.value ?? ''}${rest === undefined || rest === '' ? '' : `; ${rest}`}`
    }),
  )
}
