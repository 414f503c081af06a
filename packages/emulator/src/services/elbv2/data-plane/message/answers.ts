/**
 * The answers that the load balancer gives itself: errors, redirects, fixed responses, in ALB's form.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import { STATUS_CODES } from 'node:http'
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Viewer } from '../../../../http/endpoint.ts'
import type { RequestFacts } from '../../rule/conditions.ts'
import type { AnswerHeaders } from './headers.ts'
import { type ClientResponse, cut } from './messages.ts'

/** An answer without a target. */
export interface Answer {
  readonly status: number
  readonly headers?: readonly string[]
  readonly contentType?: string
  readonly body?: string
}

const reasons: Readonly<Record<number, string>> = {
  460: 'Client Closed Request',
  463: 'Too Many Addresses In X-Forwarded-For',
  464: 'Incompatible Protocol',
}

export const reasonPhrase = (status: number) => STATUS_CODES[status] ?? reasons[status] ?? 'Unknown'

/** The page that ALB sends with a status of its own. */
export function errorPage(status: number): string {
  const title = `${status} ${reasonPhrase(status)}`
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n')
}

/** Sends an answer of the balancer's own. */
export function send(response: ClientResponse, answer: Answer, listener?: AnswerHeaders): void {
  if (response.headersSent || response.destroyed) {
    cut(response)
    return
  }
  const body = answer.body ?? errorPage(answer.status)
  const headers = listener?.server === false ? [] : ['Server', 'awselb/2.0']
  headers.push('Content-Type', answer.contentType ?? 'text/html')
  headers.push('Content-Length', String(Buffer.byteLength(body)))
  if (answer.headers) headers.push(...answer.headers)
  if (listener) headers.push(...listener.added)
  response.writeHead(answer.status, reasonPhrase(answer.status), headers)
  // A stream of HTTP/2 that may have no body (HEAD, 204) has ended with its headers.
  if (!response.writableEnded) response.end(body)
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html */
export const maxLocation = 8 * 1024

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#redirect-actions */
export function redirect(action: Action, facts: RequestFacts, viewer: Viewer): Answer {
  const config = action.RedirectConfig ?? { StatusCode: 'HTTP_302' as const }
  const values: Readonly<Record<string, string>> = {
    protocol: viewer.scheme,
    host: facts.host,
    port: String(viewer.port),
    path: facts.path.replace(/^\//, ''),
    query: facts.query,
  }
  const fill = (template: string) => template.replace(/#\{(\w+)\}/g, (whole, key) => values[key] ?? whole)
  const scheme = fill(config.Protocol ?? '#{protocol}').toLowerCase()
  const query = fill(config.Query ?? '#{query}')
  // ALB names the port even where it is the scheme's own.
  const location = `${scheme}://${fill(config.Host ?? '#{host}')}:${fill(config.Port ?? '#{port}')}${fill(
    config.Path ?? '/#{path}',
  )}${query === '' ? '' : `?${query}`}`
  return { status: config.StatusCode === 'HTTP_301' ? 301 : 302, headers: ['Location', location] }
}

export function fixedResponse(action: Action): Answer {
  const config = action.FixedResponseConfig
  return {
    status: Number(config?.StatusCode ?? 503),
    contentType: `${config?.ContentType ?? 'text/plain'}; charset=utf-8`,
    body: config?.MessageBody ?? '',
  }
}
