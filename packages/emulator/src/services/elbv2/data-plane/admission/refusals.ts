/**
 * The status with which the balancer refuses a request that it does not forward: one that was read, by its line and
 * headers, and one that could not be read, by what the parser says.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import type { ClientProblem, ParserError, Refusal } from '../../../../http/endpoint.ts'
import { errorPage, reasonPhrase } from '../message/answers.ts'
import type { ClientRequest } from '../message/messages.ts'
import type { Inspection } from './desync.ts'

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-463-issues */
const maxForwardedFor = 30
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const maxLine = 16 * 1024
const maxHeader = 16 * 1024
const maxHeaders = 64 * 1024

/** A status with which the balancer refuses a request before it looks at its rules. */
export function refusalOf(request: ClientRequest, inspection: Inspection): number | undefined {
  const { url = '/', method = 'GET', headers, httpVersionMajor: major, httpVersionMinor: minor } = request
  if (url.length > maxLine) return 414
  if (inspection.longest > maxHeader || inspection.size > maxHeaders) return 400
  if (method === 'TRACE') return 405
  if (major < 2) {
    if (minor > 0 && headers.host === undefined) return 400
    const encoding = headers['transfer-encoding']
    if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') return 501
  } else if (!/^[A-Za-z-]+$/.test(method) || method === 'CONNECT' || !/^[\x21-\x7e\x80-\xff]+$/.test(url)) {
    // What a stream may carry and a line of HTTP/1.1 may not.
    return 400
  }
  const forwardedFor = headers['x-forwarded-for']
  if (typeof forwardedFor === 'string' && forwardedFor.split(',').length > maxForwardedFor) return 463
  return undefined
}

/** What AWS answers to what is no request; `desync` where it would count it as one that does not comply. */
export function refusalOfProblem(problem: ClientProblem): Refusal & { readonly desync: boolean } {
  const { status, desync } =
    problem.kind === 'unreadable'
      ? unreadable(problem.error)
      : { status: problem.kind === 'timeout' ? 408 : 400, desync: false }
  const headers = ['Server', 'awselb/2.0', 'Content-Type', 'text/html']
  return { status, reason: reasonPhrase(status), headers, body: errorPage(status), desync }
}

function unreadable(error: ParserError): { readonly status: number; readonly desync: boolean } {
  const head = error.rawPacket?.toString('latin1').split('\r\n\r\n', 1)[0] ?? ''
  const refused = (status: number) => ({ status, desync: false })
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refused(408)
    case 'HPE_HEADER_OVERFLOW':
      return refused(head.length > maxLine && !head.includes('\r\n') ? 414 : 400)
    case 'HPE_PAUSED_H2_UPGRADE':
      return refused(505)
    case 'HPE_INVALID_TRANSFER_ENCODING': {
      // Known to HTTP and not to the balancer; anything else is an attempt to be misread.
      const encoding = /\r\ntransfer-encoding: *([^\r\n]*)/i.exec(head)?.[1] ?? ''
      const known =
        /^(?:compress|deflate|gzip|identity)$/i.test(encoding) && !/\r\ncontent-length:/i.test(head)
      return known ? refused(501) : { status: 400, desync: true }
    }
    case 'HPE_INVALID_EOF_STATE':
    case 'ECONNRESET':
      return refused(400)
    default:
      return { status: 400, desync: true }
  }
}
