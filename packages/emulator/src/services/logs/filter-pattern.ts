/**
 * Filter patterns over unstructured log events: terms that must all occur, `?any` of which one must, `-none`,
 * and "quoted phrases". Case-sensitive. JSON, space-delimited and regular-expression patterns are a declared
 * gap, refused by name.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { patternNotServed } from './errors.ts'

export function filterPattern(pattern: string | undefined): (message: string) => boolean {
  const text = (pattern ?? '').trim()
  if (text === '') return () => true
  if (/^[{[%]/.test(text)) throw patternNotServed(text)
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(
    ([, sign = '', quoted, plain]) => ({
      sign,
      term: quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
    }),
  )
  const of = (sign: string) => terms.filter((term) => term.sign === sign).map(({ term }) => term)
  const all = of('')
  const any = of('?')
  const none = of('-')
  return (message) =>
    all.every((term) => message.includes(term)) &&
    (any.length === 0 || all.length > 0 || any.some((term) => message.includes(term))) &&
    !none.some((term) => message.includes(term))
}
