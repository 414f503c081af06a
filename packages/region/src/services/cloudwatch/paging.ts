/** Pages of CloudWatch's lists: the token is the index of the next item. */
import { invalidNextToken } from './errors.ts'

export function paginate<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : Number(token)
  if (!Number.isInteger(start) || start < 0) throw invalidNextToken()
  const end = start + size
  return { page: items.slice(start, end), next: end < items.length ? String(end) : undefined }
}
