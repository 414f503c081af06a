/**
 * Which licences a package may have. These let Baton be used, changed and distributed under its own licence, Apache-2.0.
 * https://spdx.org/licenses/
 */
const allowed = new Set([
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  // Copyleft by file: it holds for changes of those files, and Baton changes none.
  'MPL-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'Unlicense',
])

/** An SPDX expression of names, AND, OR and parentheses. Anything else, such as WITH, is not allowed. */
export function isAllowedLicence(expression: string | undefined): boolean {
  const tokens = expression?.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const either = (): boolean => {
    let result = both()
    while (tokens[at] === 'OR') {
      at++
      const other = both()
      result ||= other
    }
    return result
  }
  const both = (): boolean => {
    let result = single()
    while (tokens[at] === 'AND') {
      at++
      const other = single()
      result &&= other
    }
    return result
  }
  const single = (): boolean => {
    const token = tokens[at++] ?? ''
    if (token !== '(') return allowed.has(token)
    const result = either()
    return tokens[at++] === ')' && result
  }
  return either() && at === tokens.length
}
