/** Pages and batches, with CodeDeploy's errors. */
import { batchLimitExceeded, invalidNextToken } from './errors.ts'

/** The token is the index of the next item. */
export function paginate<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; nextToken: string | undefined } {
  const start = token === undefined ? 0 : Number(token)
  if (!Number.isInteger(start) || start < 0) throw invalidNextToken()
  const end = start + size
  return { page: items.slice(start, end), nextToken: end < items.length ? String(end) : undefined }
}

export function batch<T>(items: readonly T[] | undefined, limit: number): readonly T[] {
  if ((items?.length ?? 0) > limit) throw batchLimitExceeded(limit)
  return items ?? []
}
