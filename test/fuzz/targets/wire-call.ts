/** One call of an operation as bytes, in the protocol of its service, with parts that do not belong there. */
import fc, { type GeneratorValue } from 'fast-check'
import type { ServiceApi } from '../../../packages/emulator/src/protocol/api.ts'
import { loadedModel, type Operation } from '../../../packages/emulator/src/protocol/service-model.ts'
import { damaged, hostileText, oneOf, rarely } from '../hostile.ts'
import { inputFor, names, queryPairs, xmlOf } from './input.ts'

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
}

interface CallOptions {
  readonly api: ServiceApi
  readonly operation: Operation
  readonly host: string
}

export function callOf(g: GeneratorValue, options: CallOptions): Call {
  const call = plainCall(g, options)
  const kind = g(fc.nat, { max: 19 })
  if (kind < 3) return { ...call, body: damaged(g, call.body) }
  if (kind === 3) return { ...call, body: Buffer.alloc(3_000_000, hostileText(g) || 'x') }
  if (kind === 4)
    return { ...call, path: `${call.path}?${headerSafe(hostileText(g))}=${headerSafe(hostileText(g))}` }
  if (kind === 5) {
    const [name, value] = oneOf(g, strangeHeaders)
    return { ...call, headers: { ...call.headers, [name]: value } }
  }
  if (kind === 6) return awsChunked(g, call)
  return call
}

const strangeHeaders: readonly (readonly [string, string])[] = [
  ['content-encoding', 'gzip'],
  ['content-encoding', 'aws-chunked'],
  ['x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'],
  ['x-amz-decoded-content-length', '99999999999999999999'],
  ['content-md5', 'x'],
  ['x-amz-checksum-crc32', '____'],
  ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA='],
  ['x-amz-trailer', '__proto__'],
  ['x-amz-security-token', 'none'],
  ['x-amz-copy-source', '/fuzz/%zz'],
  ['x-amz-copy-source', '/../../etc/passwd'],
  ['range', 'bytes=99999999999999999999-'],
  ['range', 'bytes=-0'],
  ['if-modified-since', 'never'],
  ['x-amz-tagging', '=&=&%zz'],
  ['x-amzn-query-mode', 'true'],
  ['smithy-protocol', 'rpc-v2-cbor'],
  ['origin', 'null'],
]

function awsChunked(g: GeneratorValue, call: Call): Call {
  const chunks = [
    oneOf(g, ['4\r\nabcd\r\n', 'ffffffffffff\r\n', '-1\r\n', 'x\r\n', `${'1'.repeat(9_000)}\r\n`]),
  ]
  const end = oneOf(g, [
    '0\r\n\r\n',
    '0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n',
    '0\r\n__proto__:x\r\n\r\n',
    '',
  ])
  return {
    ...call,
    headers: { ...call.headers, 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '4' },
    body: Buffer.from(`${chunks.join('')}${end}`),
  }
}

function plainCall(g: GeneratorValue, { api, operation, host }: CallOptions): Call {
  const model = loadedModel(api)
  const input = inputFor(g, operation.input)
  if (api.protocol === 'query') {
    const pairs: [string, string][] = [
      ['Action', operation.name],
      ['Version', model.version],
      ...queryPairs(input, ''),
    ]
    const headers = { host, 'content-type': 'application/x-www-form-urlencoded' }
    return { method: 'POST', path: '/', headers, body: Buffer.from(new URLSearchParams(pairs).toString()) }
  }
  if (api.protocol === 'json-1.0' || api.protocol === 'json-1.1') {
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${model.target}.${operation.name}`,
    }
    return { method: 'POST', path: '/', headers, body: Buffer.from(JSON.stringify(input)) }
  }
  const [method = 'GET', uri = '/'] = operation.http ?? []
  const label = () => (rarely(g, 4) ? encodeURIComponent(hostileText(g).toWellFormed()) : oneOf(g, names))
  const path = uri.replaceAll(/\{[^}]+\}/g, label)
  const isJson = api.protocol === 'rest-json'
  const text = isJson ? JSON.stringify(input) : xmlOf(input, operation.name, rarely(g, 2))
  const s3Path = api.signingName === 's3' && !uri.includes('{Bucket}') ? `/fuzz${path}` : path
  const type = isJson ? 'application/json' : 'application/xml'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const length = s3Path.slice(0, 8_000)
  return {
    method,
    path: length,
    headers: { host, 'content-type': type },
    body: Buffer.from(hasBody ? text : ''),
  }
}

/** What Node's client sends at all in a path. */
const headerSafe = (text: string) => encodeURIComponent(text.toWellFormed()).slice(0, 2_000)
