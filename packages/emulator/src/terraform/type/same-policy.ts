/**
 * Whether two policy documents say the same. The provider compares them so before it plans a change: the order of
 * keys and lists, a list of one beside its only item, and a boolean beside its text make no difference.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function samePolicy(a: string, b: string): boolean {
  try {
    return canonical(JSON.parse(a)) === canonical(JSON.parse(b))
  } catch {
    return false
  }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.map(canonical).sort()
    return items.length === 1 && items[0] !== undefined ? items[0] : `[${items.join()}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(String(value))
  const members = Object.entries(value).map(([key, item]) => `${key}:${canonical(item)}`)
  return `{${members.sort().join()}}`
}
