/**
 * Compression at the edge.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html
 */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Headers } from '../message/messages.ts'
import { first } from '../message/messages.ts'

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)
/** High quality would cost more processor time than the bytes are worth on one machine. */
const brotliQuality = 4

const minBytes = 1000
const maxBytes = 10_000_000
const statuses = new Set([200, 403, 404])
/** The list of the page above. */
const types = new Set([
  'application/dash+xml',
  'application/eot',
  'application/font',
  'application/font-sfnt',
  'application/javascript',
  'application/json',
  'application/opentype',
  'application/otf',
  'application/pdf',
  'application/pkcs7-mime',
  'application/protobuf',
  'application/rss+xml',
  'application/truetype',
  'application/ttf',
  'application/vnd.apple.mpegurl',
  'application/vnd.mapbox-vector-tile',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/xhtml+xml',
  'application/xml',
  'application/x-font-opentype',
  'application/x-font-truetype',
  'application/x-font-ttf',
  'application/x-httpd-cgi',
  'application/x-javascript',
  'application/x-mpegurl',
  'application/x-opentype',
  'application/x-otf',
  'application/x-perl',
  'application/x-ttf',
  'font/eot',
  'font/opentype',
  'font/otf',
  'font/ttf',
  'image/svg+xml',
  'text/css',
  'text/csv',
  'text/html',
  'text/javascript',
  'text/js',
  'text/plain',
  'text/richtext',
  'text/tab-separated-values',
  'text/xml',
  'text/x-component',
  'text/x-java-source',
  'text/x-script',
  'vnd.apple.mpegurl',
])

/** The answer compressed as the viewer likes best, or as it is. `accepted`: normalized Accept-Encoding. */
export async function compress<T extends { status: number; headers: Headers; body: Buffer }>(
  answer: T,
  accepted: string,
): Promise<T> {
  const { status, headers, body } = answer
  const type = first(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  const eligible =
    statuses.has(status) && types.has(type) && body.length >= minBytes && body.length <= maxBytes
  if (accepted === '' || !eligible || headers['content-encoding'] !== undefined) return answer
  const brotli = accepted.startsWith('br')
  const compressed = brotli
    ? await compressBrotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
    : await compressGzip(body)
  const etag = first(headers, 'etag')
  return {
    ...answer,
    headers: {
      ...headers,
      'content-encoding': brotli ? 'br' : 'gzip',
      'content-length': String(compressed.length),
      vary: 'Accept-Encoding',
      // A compressed representation is another one, so a strong ETag turns weak.
      ...(etag === undefined || etag.startsWith('W/') ? {} : { etag: `W/${etag}` }),
    },
    body: compressed,
  }
}
