/**
 * What was seen of the services besides answers, as failures of the verdict: it lost no request here, or few, and loses
 * some on AWS for certain, because there are more connections there, and more time.
 */
import type { Failure } from '../report/evidence.ts'
import type { KeepAliveObservation, KilledTask } from '../run/observations.ts'

export interface Observed {
  readonly keepAlive: readonly KeepAliveObservation[]
  readonly killed: readonly KilledTask[]
}

export function observedFailures({ keepAlive, killed }: Observed): Failure[] {
  return [
    ...keepAlive
      .filter(({ idleMs, idleTimeoutMs }) => idleMs <= idleTimeoutMs)
      .map((seen) =>
        failure('early-idle-close', seen, seen.known === 'closed' ? closed(seen) : announced(seen)),
      ),
    ...killed.map((task) =>
      failure(
        'killed-task',
        task,
        `container ${task.container} of task ${task.taskId} did not end on SIGTERM, and was killed after its stop time-out`,
      ),
    ),
  ]
}

/** Services of which it is not known whether they keep idle connections for longer than the load balancer. */
export function unknownKeepAlive(services: readonly string[], { keepAlive }: Observed): string[] {
  const known = new Set(keepAlive.map(({ service }) => service))
  return services
    .filter((service) => !known.has(service))
    .map(
      (service) =>
        `whether ${service} keeps idle connections for longer than the load balancer: its answers do not say, and its tasks did not live that long (\`baton check service/${service} --run\` measures it)`,
    )
}

const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

const closed = ({ idleMs, idleTimeoutMs }: KeepAliveObservation) =>
  `a task closed a connection that had been idle for ${inSeconds(idleMs)}; the load balancer keeps it for ${idleTimeoutMs / 1000} s`

const announced = ({ idleMs, idleTimeoutMs }: KeepAliveObservation) =>
  `its answers say that a task closes idle connections after ${idleMs / 1000} s (Keep-Alive: timeout=${idleMs / 1000}); the load balancer keeps them for ${idleTimeoutMs / 1000} s`

function failure(
  cause: string,
  { service, at }: { readonly service: string; readonly at: number },
  detail: string,
): Failure {
  return {
    cause,
    detail,
    record: {
      startedAt: at,
      latencyMs: 0,
      site: service,
      kind: 'read',
      method: 'service',
      path: service,
    },
  }
}
