/** The Cookie header: https://www.rfc-editor.org/rfc/rfc6265#section-4.2 */
import { parseCookie } from 'cookie'

/** The value of a cookie as it was sent, not decoded. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined || !header.includes(name)) return undefined
  return parseCookie(header, asSent)[name]
}

const asSent = { decode: (value: string) => value }

/** Name and text of each pair in its order; a cookie that occurs twice is two pairs, which no parsed object can hold. */
export function cookiePairs(header: string): { readonly name: string; readonly text: string }[] {
  return header.split(';').flatMap((part) => {
    const text = part.trim()
    return text === '' ? [] : [{ name: text.split('=', 1)[0]?.trim() ?? '', text }]
  })
}
