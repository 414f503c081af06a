/** How ECS answers about many things: a page at once with a token for the next, and failures beside them. */
import { pageOf } from '../../../protocol/paging.ts'
import { invalidParameter } from './errors.ts'

/** A page has at most 100 items, unless an operation's own page of the documentation says less. */
export function page<T>(
  items: readonly T[],
  input: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
  { most = 100, usual = most }: { readonly most?: number; readonly usual?: number } = {},
): { items: T[]; nextToken: string | undefined } {
  const size = input.maxResults ?? usual
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw invalidParameter(`maxResults must be between 1 and ${most}.`)
  const { items: found, next } = pageOf(items, input.nextToken, size, () =>
    invalidParameter('Invalid token.'),
  )
  return { items: found, nextToken: next }
}

/** What is missing is not an error but a failure beside the rest of the answer. */
export const missing = (arn: string) => ({ arn, reason: 'MISSING' })
