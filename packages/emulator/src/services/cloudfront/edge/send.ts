/** Writes an answer to the viewer: what the edge adds, conditional requests and ranges of what is at hand. */
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { isUnchanged } from '../../../http/conditional.ts'
import { byteRange } from '../../../http/range.ts'
import { discardBody, type EdgeAnswer, type EdgeRequest, first, type Headers } from './message/messages.ts'

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
    discardBody(body)
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
  if (isUnchangedFor(request, headers)) {
    discardBody(body)
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

function isUnchangedFor(request: EdgeRequest, headers: Headers): boolean {
  return isUnchanged(
    {
      ifNoneMatch: first(request.headers, 'if-none-match'),
      ifModifiedSince: first(request.headers, 'if-modified-since'),
    },
    { etag: first(headers, 'etag'), lastModified: first(headers, 'last-modified') },
  )
}

function requestedRange(request: EdgeRequest, headers: Headers, size: number) {
  const ifRange = first(request.headers, 'if-range')
  if (ifRange !== undefined && ifRange !== first(headers, 'etag')) return undefined
  return byteRange(first(request.headers, 'range'), size)
}
