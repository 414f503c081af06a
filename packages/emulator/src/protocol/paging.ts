/** Pages of a list, for operations that give a token for the next one. */

export interface Page<T> {
  readonly items: T[]
  /** Token of the next page; undefined on the last. */
  readonly next: string | undefined
}

/**
 * The page at `token`, which holds where it starts; `invalid` makes the error for a token that was not given out
 * here. Tokens are opaque to clients.
 */
export function pageOf<T>(
  items: readonly T[],
  token: string | undefined,
  limit: number,
  invalid: () => Error,
): Page<T> {
  const start = token === undefined || token === '' ? 0 : startOf(token)
  if (start === undefined || start > items.length) throw invalid()
  const end = start + Math.max(1, limit)
  return { items: items.slice(start, end), next: end < items.length ? tokenOf(end) : undefined }
}

const tokenOf = (start: number) => Buffer.from(`page:${start}`).toString('base64url')

function startOf(token: string): number | undefined {
  const start = /^page:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  return start === undefined ? undefined : Number(start)
}
