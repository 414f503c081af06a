/** Why a database's server does not start, for the event that a user reads. */

/**
 * Node's ENOSPC, and what PostgreSQL writes to its log for it. Other failures keep their own message.
 * https://www.postgresql.org/docs/17/disk-full.html
 */
export function startFailure(error: unknown, dataDir: string): string {
  const message = error instanceof Error ? error.message : String(error)
  const isFull =
    (error instanceof Error && 'code' in error && error.code === 'ENOSPC') ||
    /no space left on device/i.test(message)
  if (!isFull) return `The PostgreSQL server does not start: ${message}`
  return (
    `The PostgreSQL server does not start: no space is left on the disk of ${dataDir} (ENOSPC). ` +
    'Fix: free space there; the server then starts by itself.'
  )
}
