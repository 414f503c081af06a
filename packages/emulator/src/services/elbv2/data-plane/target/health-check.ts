/**
 * One health check of one target, on a connection of its own that is closed afterwards.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import { type ClientRequest, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { Clock } from '../../../../clock.ts'
import type { Target } from '../../contract.ts'
import type { HealthCheck } from '../../model/model.ts'

export type HealthCheckResult =
  | { readonly passed: true }
  | { readonly passed: false; readonly reason: string; readonly description: string }

/** Whether a status code is among `200`, `200,202` or `200-299`. */
function matchesCode(matcher: string, code: number): boolean {
  return matcher.split(',').some((part) => {
    const [from = '', to = from] = part.trim().split('-')
    return code >= Number(from) && code <= Number(to)
  })
}

/** Resolves with the result; never rejects. The time-out is real time: it races the target's own code. */
export function checkHealth(
  target: Target,
  check: HealthCheck,
  signal: AbortSignal,
): Promise<HealthCheckResult> {
  const port = check.port === 'traffic-port' ? target.port : Number(check.port)
  return new Promise((resolve) => {
    let request: ClientRequest
    try {
      request = send(target, port, check, signal)
    } catch {
      // What cannot be sent fails like all else: a loop that ended would leave the target as it is for ever.
      return resolve(failed)
    }
    const settle = (result: HealthCheckResult) => {
      clearTimeout(timer)
      resolve(result)
      request.destroy()
    }
    const fail = (reason: string, description: string) => settle({ passed: false, reason, description })
    const timer = setTimeout(() => fail('Target.Timeout', 'Request timed out'), check.timeoutSeconds * 1000)
    request.on('response', (response) => {
      response.on('error', () => settle(failed))
      const status = response.statusCode ?? 0
      if (!matchesCode(check.matcher, status)) {
        return fail('Target.ResponseCodeMismatch', `Health checks failed with these codes: [${status}]`)
      }
      // A response counts once it is complete.
      response.on('end', () => settle({ passed: true }))
      response.resume()
    })
    request.on('error', () => settle(failed))
    request.end()
  })
}

const failed: HealthCheckResult = {
  passed: false,
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
}

function send(target: Target, port: number, check: HealthCheck, signal: AbortSignal): ClientRequest {
  const request = check.protocol === 'HTTPS' ? requestTls : requestPlain
  return request({
    host: target.id,
    port,
    path: check.path,
    method: 'GET',
    agent: false,
    rejectUnauthorized: false,
    signal,
    headers: {
      Host: `${target.id}:${port}`,
      Connection: 'close',
      'User-Agent': 'ELB-HealthChecker/2.0',
      'Accept-Encoding': 'gzip, compressed',
    },
  })
}

/**
 * AWS's interval, compressed; but a check is real work, for this machine and for the application. Ten seconds are
 * less than two milliseconds at a speed of 6000: fifty targets would then do nothing but answer checks. One that is
 * not healthy yet is waited for, and so is asked sooner.
 */
export function betweenChecksMs(clock: Clock, { intervalSeconds }: HealthCheck, isHealthy: boolean): number {
  const leastMs = isHealthy ? 50 : 10
  const intervalMs = intervalSeconds * 1000
  return Math.max(clock.toReal(intervalMs), Math.min(leastMs, intervalMs))
}
