/** Pages and batches, with CodeDeploy's errors. */
import { pageOf } from '../../../protocol/paging.ts'
import { batchLimitExceeded, invalidNextToken } from './errors.ts'

export function paginate<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; nextToken: string | undefined } {
  const { items: page, next } = pageOf(items, token, size, invalidNextToken)
  return { page, nextToken: next }
}

export function batch<T>(items: readonly T[] | undefined, limit: number): readonly T[] {
  if ((items?.length ?? 0) > limit) throw batchLimitExceeded(limit)
  return items ?? []
}
