/** The mix of requests: what share of the load each kind has. Reads lead, as they do in production. */
import type { RequestKind } from './record.ts'

const shares: Readonly<Record<RequestKind, number>> = {
  read: 0.52,
  asset: 0.22,
  document: 0.12,
  write: 0.08,
  delete: 0.045,
  'slow-write': 0.015,
}

/** The kind that a random number in [0, 1) falls on. */
export function pickKind(random: number): RequestKind {
  let sum = 0
  for (const [kind, share] of Object.entries(shares)) {
    sum += share
    if (random < sum) return kind as RequestKind
  }
  return 'read'
}
