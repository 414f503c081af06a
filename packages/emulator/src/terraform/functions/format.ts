/** `format`'s verbs. https://developer.hashicorp.com/terraform/language/functions/format */
import { primitiveText, toBool, toNumber, toText } from '../value/convert.ts'
import { boundedCharacters } from '../value/limits.ts'
import type { Term } from '../value/term.ts'
import { invalid } from './arguments.ts'
import { jsonText } from './json.ts'

const VERB = /%(?<flags>[-+ 0#]*)(?<width>\d+)?(?:\.(?<precision>\d*))?(?:\[(?<position>\d+)\])?(?<verb>.)/gsu

/** Digits that a number can be written with here. */
const precisionMax = 100

interface Verb {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly verb: string
}

export function format(pattern: string, values: readonly Term[]): string {
  let next = 0
  let used = 0
  let characters = 0
  const result = pattern.replace(VERB, (whole, ...match) => {
    const groups = match.at(-1) as Record<string, string | undefined>
    const verb = groups.verb ?? ''
    if (verb === '%') return '%'
    if (groups.position !== undefined) next = Number(groups.position) - 1
    const value = values[next]
    if (value === undefined) invalid(`"${whole}" asks for value ${next + 1}, and there are ${values.length}.`)
    used = Math.max(used, ++next)
    const precision = groups.precision === undefined ? undefined : Number(groups.precision || 0)
    const width = Number(groups.width ?? 0)
    boundedCharacters(width)
    if (precision !== undefined && precision > precisionMax && 'eEfFgG'.includes(verb))
      invalid(`"${whole}" asks for more than ${precisionMax} digits.`)
    const text = pad(verbText({ flags: groups.flags ?? '', width, precision, verb }, value), {
      flags: groups.flags ?? '',
      width,
      numeric: 'bdoxXeEfFgG'.includes(verb) || (verb === 'v' && typeof value === 'number'),
    })
    characters += text.length
    boundedCharacters(characters)
    return text
  })
  if (used < values.length)
    invalid(`The format has verbs for ${used} values, and there are ${values.length}.`)
  return result
}

function verbText(verb: Verb, value: Term): string {
  const letter = verb.verb
  if (letter === 'v') {
    if (verb.flags.includes('#') || value === null) return jsonText(value)
    const plain = typeof value === 'number' && verb.precision === undefined ? undefined : primitiveText(value)
    return plain ?? (typeof value === 'number' ? signed(verb, String(primitiveText(value))) : jsonText(value))
  }
  if (letter === 't') return String(toBool(value))
  if (letter === 's' || letter === 'q') {
    const text = toText(value)
    const cut = verb.precision === undefined ? text : [...text].slice(0, verb.precision).join('')
    return letter === 'q' ? jsonText(cut) : cut
  }
  if ('bdoxX'.includes(letter)) return wholeNumber(verb, toNumber(value))
  if ('eEfFgG'.includes(letter)) return fraction(verb, toNumber(value))
  return invalid(`There is no verb "%${letter}".`)
}

function wholeNumber(verb: Verb, value: number): string {
  if (!Number.isInteger(value)) invalid(`"%${verb.verb}" needs a whole number, not ${value}.`)
  const radix = { b: 2, o: 8, x: 16, X: 16 }[verb.verb] ?? 10
  const digits = BigInt(Math.abs(value)).toString(radix)
  const prefix = verb.flags.includes('#') ? ({ b: '0b', o: '0', x: '0x', X: '0X' }[verb.verb] ?? '') : ''
  const text = prefix + (verb.verb === 'X' ? digits.toUpperCase() : digits)
  return signed(verb, value < 0 ? `-${text}` : text)
}

function fraction(verb: Verb, value: number): string {
  const letter = verb.verb.toLowerCase()
  const text = letter === 'e' ? exponent(value.toExponential(verb.precision ?? 6)) : ''
  const plain =
    letter === 'f'
      ? value.toFixed(verb.precision ?? 6)
      : letter === 'g'
        ? shortest(value, verb.precision)
        : text
  return signed(verb, verb.verb === letter ? plain : plain.toUpperCase())
}

/** Go's `%g`: the exponent form below 1e-4 and from the precision on, which counts as 6 where there is none. */
function shortest(value: number, precision: number | undefined): string {
  const scale = value === 0 ? 0 : Number(value.toExponential().split('e')[1])
  const digits = precision === 0 ? 1 : precision
  const rounded = digits === undefined ? value : Number(value.toPrecision(digits))
  if (scale < -4 || scale >= (digits ?? 6)) return exponent(rounded.toExponential())
  return String(primitiveText(rounded))
}

/** Go writes at least two digits of the exponent. */
const exponent = (text: string) => text.replace(/e([-+])(\d)$/, 'e$10$2')

function signed(verb: Verb, text: string): string {
  if (text.startsWith('-')) return text
  if (verb.flags.includes('+')) return `+${text}`
  return verb.flags.includes(' ') ? ` ${text}` : text
}

function pad(text: string, options: { flags: string; width: number; numeric: boolean }): string {
  const missing = options.width - [...text].length
  if (missing <= 0) return text
  if (options.flags.includes('-')) return text + ' '.repeat(missing)
  if (options.flags.includes('0')) {
    const sign = options.numeric ? (/^[-+ ]/.exec(text)?.[0] ?? '') : ''
    return sign + '0'.repeat(missing) + text.slice(sign.length)
  }
  return ' '.repeat(missing) + text
}
