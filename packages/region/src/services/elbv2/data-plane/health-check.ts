/**
 * One health check of one target, on a connection of its own that is closed afterwards.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { Clock } from '../../../clock.ts'
import type { Target } from '../contract.ts'
import type { HealthCheck } from '../model.ts'

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
  const send = check.protocol === 'HTTPS' ? requestTls : requestPlain
  return new Promise((resolve) => {
    const request = send({
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
    const settle = (result: HealthCheckResult) => {
      clearTimeout(timer)
      resolve(result)
      request.destroy()
    }
    const fail = (reason: string, description: string) => settle({ passed: false, reason, description })
    const timer = setTimeout(() => fail('Target.Timeout', 'Request timed out'), check.timeoutSeconds * 1000)
    request.on('response', (response) => {
      response.on('error', () => fail('Target.FailedHealthChecks', 'Health checks failed'))
      const status = response.statusCode ?? 0
      if (!matchesCode(check.matcher, status)) {
        return fail('Target.ResponseCodeMismatch', `Health checks failed with these codes: [${status}]`)
      }
      // A response counts once it is complete.
      response.on('end', () => settle({ passed: true }))
      response.resume()
    })
    request.on('error', () => fail('Target.FailedHealthChecks', 'Health checks failed'))
    request.end()
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
