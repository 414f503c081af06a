/** Writes an answer to the viewer: what the edge adds, conditional requests and ranges of what is at hand. */
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { EdgeAnswer, EdgeRequest, Headers } from './message/messages.ts'
import { first } from './message/messages.ts'

/** Of the shape of CloudFront's points of presence, which are named after the nearest airport. */
const pop = 'ICN57-P1'

export function sendAnswer(
  response: ServerResponse,
  request: EdgeRequest,
  answer: EdgeAnswer,
  domainName: string,
): void {
  const { status, headers, body } = narrowed(request, answer)
  headers['x-cache'] = `${answer.result} from cloudfront`
  headers.via =
    headers.via === undefined
      ? `1.1 ${domainName} (CloudFront)`
      : `${headers.via}, 1.1 ${domainName} (CloudFront)`
  headers['x-amz-cf-pop'] = pop
  headers['x-amz-cf-id'] = request.id
  if (answer.statusText === undefined || status !== answer.status) response.writeHead(status, headers)
  else response.writeHead(status, answer.statusText, headers)
  if (body === undefined || request.method === 'HEAD') {
    if (body !== undefined && !Buffer.isBuffer(body)) body.destroy()
    return void response.end()
  }
  if (Buffer.isBuffer(body)) return void response.end(body)
  // An origin that breaks off breaks off the viewer too: a body that ends early must not look complete.
  pipeline(body, response, () => {})
}

interface Narrowed {
  readonly status: number
  readonly headers: Headers
  readonly body: EdgeAnswer['body']
}

/** 304 and 206 where the viewer asked for them; only of answers 200 that are here as a whole. */
function narrowed(request: EdgeRequest, { status, headers: original, body }: EdgeAnswer): Narrowed {
  const headers = { ...original }
  if (status !== 200 || (request.method !== 'GET' && request.method !== 'HEAD'))
    return { status, headers, body }
  if (isUnchanged(request, headers)) {
    if (body !== undefined && !Buffer.isBuffer(body)) body.destroy()
    delete headers['content-length']
    return { status: 304, headers, body: undefined }
  }
  const range = Buffer.isBuffer(body) ? requestedRange(request, headers, body.length) : undefined
  if (range === undefined || !Buffer.isBuffer(body)) return { status, headers, body }
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { 'content-range': `bytes */${body.length}`, 'content-length': '0' },
      body: undefined,
    }
  }
  const part = body.subarray(range.start, range.end + 1)
  headers['content-range'] = `bytes ${range.start}-${range.end}/${body.length}`
  headers['content-length'] = String(part.length)
  return { status: 206, headers, body: part }
}

/** RFC 9110, 13.2.2: If-None-Match, compared weakly, goes before If-Modified-Since. */
function isUnchanged(request: EdgeRequest, headers: Headers): boolean {
  const match = first(request.headers, 'if-none-match')
  if (match !== undefined) {
    const etag = first(headers, 'etag')?.replace(/^W\//, '')
    return (
      etag !== undefined &&
      match.split(',').some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')))
    )
  }
  const since = first(request.headers, 'if-modified-since')
  const modified = first(headers, 'last-modified')
  return since !== undefined && modified !== undefined && Date.parse(modified) <= Date.parse(since)
}

function requestedRange(request: EdgeRequest, headers: Headers, size: number) {
  const range = /^bytes=(\d*)-(\d*)$/.exec(first(request.headers, 'range') ?? '')
  const ifRange = first(request.headers, 'if-range')
  if (range === null || (ifRange !== undefined && ifRange !== first(headers, 'etag'))) return undefined
  const [, from = '', to = ''] = range
  if (from === '' && to === '') return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start >= size || start > end ? 'unsatisfiable' : { start, end }
}
