/** Waiting for a target's health. */
import type { Target } from '../contract.ts'
import type { TargetRegistry } from '../model/context.ts'

/** Resolves when the target is healthy; rejects with the signal's reason. */
export function awaitHealthy(
  targets: TargetRegistry,
  targetGroupArn: string,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    if (targets.find(targetGroupArn, target)?.health.state === 'healthy') return resolve()
    const settle = (end: () => void) => {
      stop()
      signal.removeEventListener('abort', onAbort)
      end()
    }
    const onAbort = () => settle(() => reject(signal.reason))
    const stop = targets.onHealth((arn, changed, health) => {
      const same = arn === targetGroupArn && changed.id === target.id && changed.port === target.port
      if (same && health.state === 'healthy') settle(resolve)
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
