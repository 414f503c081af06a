/**
 * A container's own health check: a command that its definition names, run again and again. A HEALTHCHECK of the
 * image is not looked at.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
import type { HealthCheck } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'

export interface Watched {
  readonly check: HealthCheck
  /** Runs the command where the container runs; its exit code, or null when it took longer than `timeoutMs`. */
  run(command: readonly string[], timeoutMs: number): Promise<number | null>
  /** Called at each change of the container's health. */
  report(status: 'HEALTHY' | 'UNHEALTHY'): void
}

/** Checks until the returned function is called. */
export function watchHealth(clock: Clock, { check, run, report }: Watched): () => void {
  const command = commandOf(check.command ?? [])
  const startedAt = clock.now()
  // It is a head start for the application, which no speed makes start faster: not compressed.
  const startPeriodMs = (check.startPeriod ?? 0) * 1000
  let passed = false
  let failures = 0
  let status: 'HEALTHY' | 'UNHEALTHY' | undefined
  let ended = false
  const say = (now: 'HEALTHY' | 'UNHEALTHY') => {
    if (now !== status) report(now)
    status = now
  }
  const end = clock.everyAws((check.interval ?? 30) * 1000, async () => {
    const code = await run(command, (check.timeout ?? 5) * 1000)
    if (ended) return
    if (code === 0) {
      passed = true
      failures = 0
      say('HEALTHY')
    } else if (passed || clock.now() - startedAt >= startPeriodMs) {
      // The first success ends the start period, whatever is left of it.
      failures += 1
      if (failures >= (check.retries ?? 3)) say('UNHEALTHY')
    }
  })
  return () => {
    ended = true
    end()
  }
}

function commandOf(command: readonly string[]): string[] {
  const [kind, ...rest] = command
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : kind === 'CMD' ? rest : [...command]
}
