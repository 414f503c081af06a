/**
 * The health check of a container: a command of its definition, which runs at an interval. As in ECS, a HEALTHCHECK
 * of the image has no effect.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
import type { HealthCheck } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'

export interface HealthWatch {
  readonly check: HealthCheck
  /** Runs the command in the container; resolves with its exit code, or with null after `timeoutMs`. */
  run(command: readonly string[], timeoutMs: number): Promise<number | null>
  /** Called at each change of the container's health. */
  report(status: 'HEALTHY' | 'UNHEALTHY'): void
}

/** Checks until the returned function is called. */
export function watchHealth(clock: Clock, { check, run, report }: HealthWatch): () => void {
  const command = commandOf(check.command ?? [])
  const startedAt = clock.now()
  // No speed makes an application start faster, so the start period is not compressed.
  const startPeriodMs = (check.startPeriod ?? 0) * 1000
  let passed = false
  let failures = 0
  let status: 'HEALTHY' | 'UNHEALTHY' | undefined
  let ended = false
  const update = (current: 'HEALTHY' | 'UNHEALTHY') => {
    if (current !== status) report(current)
    status = current
  }
  const end = clock.everyAws((check.interval ?? 30) * 1000, async () => {
    const code = await run(command, (check.timeout ?? 5) * 1000)
    if (ended) return
    if (code === 0) {
      passed = true
      failures = 0
      update('HEALTHY')
    } else if (passed || clock.now() - startedAt >= startPeriodMs) {
      // The first success ends the start period.
      failures += 1
      if (failures >= (check.retries ?? 3)) update('UNHEALTHY')
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
