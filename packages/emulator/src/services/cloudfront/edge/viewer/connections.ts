/**
 * What a viewer may take its time for at the edge. AWS publishes no figures for it, only that slow viewers are timed out;
 * these bound what a silent viewer holds, and are those that viewers of a load balancer have by default.
 */
import { STATUS_CODES } from 'node:http'
import type { ClientProblem, ConnectionPolicy } from '../../../../http/endpoint.ts'
import { errorPage } from '../message/error-page.ts'

export const viewerConnections: ConnectionPolicy = {
  idleTimeoutMs: () => 60_000,
  keepAliveMs: () => 3_600_000,
  refusal(problem) {
    const status = statusOf(problem)
    const page = errorPage(status, 'Bad request.')
    return {
      status,
      reason: STATUS_CODES[status] ?? '',
      headers: ['Server', 'CloudFront', 'Content-Type', 'text/html'],
      body: String(page.body),
    }
  },
}

function statusOf(problem: ClientProblem): number {
  if (problem.kind === 'timeout') return 408
  // "If a request or a URL exceeds these maximums, CloudFront returns HTTP status code 413" (custom origins).
  if (problem.kind === 'unreadable' && problem.error.code === 'HPE_HEADER_OVERFLOW') return 413
  if (problem.kind === 'unreadable' && problem.error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return 400
}
