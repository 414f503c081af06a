/**
 * Picks the query strings and cookies that a policy names. Each selection is turned once into a function, as the
 * answer for "none" and "all", the usual ones, needs no parsing at all.
 */
import { cookiePairs } from '../../../../http/cookies.ts'
import { type Selection, selects } from '../../model/policies.ts'

export type Pick = (text: string) => string

/** From `a=1&b=2`, in its order, with its encoding. */
export function queryPicker(selection: Selection): Pick {
  return picker(selection, queryPairs, '&')
}

/** From a Cookie header. */
export function cookiePicker(selection: Selection): Pick {
  return picker(selection, cookiePairs, '; ')
}

const queryPairs = (query: string) =>
  query.split('&').map((text) => ({ name: text.split('=', 1)[0] ?? '', text }))

function picker(
  selection: Selection,
  pairs: (text: string) => readonly { readonly name: string; readonly text: string }[],
  joint: string,
): Pick {
  if (selection.behavior === 'none') return () => ''
  if (selection.behavior !== 'whitelist' && selection.behavior !== 'allExcept') return (text) => text
  return (text) =>
    text === ''
      ? ''
      : pairs(text)
          .filter(({ name }) => selects(selection, name))
          .map((pair) => pair.text)
          .join(joint)
}

/** What is in either selection: a cache policy's values reach the origin as well as an origin request policy's. */
export function unitePickers(a: Selection, b: Selection, make: (selection: Selection) => Pick): Pick {
  if (a.behavior === 'none') return make(b)
  if (b.behavior === 'none') return make(a)
  if (a.behavior === 'whitelist' && b.behavior === 'whitelist') {
    return make({ behavior: 'whitelist', items: [...a.items, ...b.items] })
  }
  if (a.behavior === 'allExcept' || b.behavior === 'allExcept') {
    const [except, other] = a.behavior === 'allExcept' ? [a, b] : [b, a]
    return make({ behavior: 'allExcept', items: except.items.filter((item) => !selects(other, item)) })
  }
  return make({ behavior: 'all', items: [] })
}
