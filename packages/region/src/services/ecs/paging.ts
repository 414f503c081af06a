/** How ECS answers about many things: at most 100 at once with a token for the next, and failures beside them. */
import { invalidParameter } from './errors.ts'

export function page<T>(
  items: readonly T[],
  input: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): { items: T[]; nextToken: string | undefined } {
  const start =
    input.nextToken === undefined ? 0 : Number(Buffer.from(input.nextToken, 'base64url').toString())
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('Invalid token.')
  const end = start + Math.min(input.maxResults ?? 100, 100)
  return {
    items: items.slice(start, end),
    nextToken: end < items.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  }
}

/** What is missing is not an error but a failure beside the rest of the answer. */
export const missing = (arn: string) => ({ arn, reason: 'MISSING' })
