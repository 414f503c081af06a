/**
 * What `GET /api/health` answers, which the load balancer and the deployment decide by.
 *
 * Two questions hide in one health check. "Can this new version work at all?" has to include the database: a wrong
 * password, a closed security group or a missing table must stop a release before it takes traffic. "Should this
 * running task be replaced?" must not: while the database fails over (one to two minutes), every task would be
 * unhealthy at once, and replacing them all would turn a short disturbance into a long one.
 * So a task is unhealthy until it has once read its table, and healthy from then on; the state of the database is
 * reported in the body, from a probe that runs at most every five seconds and never holds up the answer.
 */

export interface Health {
  readonly status: 200 | 503
  readonly body: { readonly status: 'ok' | 'starting'; readonly database: 'up' | 'down' }
}

/** `probe` rejects while the database cannot serve this service. */
export function healthCheck(
  probe: () => Promise<unknown>,
  now: () => number = Date.now,
): () => Promise<Health> {
  const intervalMs = 5_000
  let ready = false
  let database: 'up' | 'down' = 'down'
  let probedAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined

  function refresh(): Promise<void> {
    running ??= probe()
      .then(
        () => {
          ready = true
          database = 'up'
        },
        () => {
          database = 'down'
        },
      )
      .finally(() => {
        probedAt = now()
        running = undefined
      })
    return running
  }

  return async () => {
    if (!ready) await refresh()
    else if (now() - probedAt > intervalMs) void refresh()
    return ready
      ? { status: 200, body: { status: 'ok', database } }
      : { status: 503, body: { status: 'starting', database } }
  }
}
