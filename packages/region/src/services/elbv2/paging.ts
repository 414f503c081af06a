/** Pages of a Describe operation: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html */
import { validationError } from './errors.ts'

/** The page after `Marker`; a marker is the number of items before it. */
export function page<T>(
  items: readonly T[],
  { Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined },
): { items: T[]; NextMarker?: string } {
  const size = PageSize ?? 400
  if (size < 1 || size > 400) {
    const bound = size < 1 ? 'greater than or equal to 1' : 'less than or equal to 400'
    throw validationError(
      `1 validation error detected: Value '${size}' at 'pageSize' failed to satisfy constraint: Member must have value ${bound}`,
    )
  }
  const from = Marker === undefined || Marker === '' ? 0 : Number(Buffer.from(Marker, 'base64url').toString())
  if (!Number.isInteger(from) || from < 0 || from > items.length)
    throw validationError('The marker is not valid')
  const next = from + size
  return {
    items: items.slice(from, next),
    ...(next < items.length ? { NextMarker: Buffer.from(String(next)).toString('base64url') } : {}),
  }
}
