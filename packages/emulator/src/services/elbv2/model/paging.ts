/**
 * Pages of a Describe operation, and the bounds of their size.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
 */
import { pageOf } from '../../../protocol/paging.ts'
import { validationError } from './errors.ts'

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
  const found = pageOf(items, Marker, size, () => validationError('The marker is not valid'))
  return { items: found.items, ...(found.next === undefined ? {} : { NextMarker: found.next }) }
}
