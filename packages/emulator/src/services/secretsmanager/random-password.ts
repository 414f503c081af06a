/**
 * Random passwords as `GetRandomPassword` makes them: each kind of character that is not excluded, and by
 * default at least one of each.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 */
import { randomInt } from 'node:crypto'
import { invalidParameter } from './errors.ts'

export interface PasswordOptions {
  readonly length?: number | undefined
  readonly excludeCharacters?: string | undefined
  readonly excludeNumbers?: boolean | undefined
  readonly excludePunctuation?: boolean | undefined
  readonly excludeUppercase?: boolean | undefined
  readonly excludeLowercase?: boolean | undefined
  readonly includeSpace?: boolean | undefined
  readonly requireEachIncludedType?: boolean | undefined
}

const LENGTH_MAX = 4096

export function randomPassword(
  options: PasswordOptions,
  pick: (below: number) => number = randomInt,
): string {
  const length = options.length ?? 32
  if (!Number.isInteger(length) || length < 1 || length > LENGTH_MAX) {
    throw invalidParameter(`Password length must be between 1 and ${LENGTH_MAX}.`)
  }
  const excluded = new Set(options.excludeCharacters ?? '')
  const kinds = [
    options.excludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.excludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.excludeNumbers ? '' : '0123456789',
    options.excludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    options.includeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !excluded.has(character)).join(''))
    .filter((kind) => kind !== '')
  if (kinds.length === 0)
    throw invalidParameter('Every character is excluded: there is nothing to make a password of.')
  const required = options.requireEachIncludedType === false ? [] : kinds
  if (required.length > length) {
    throw invalidParameter('The password length is too small for one character of each included type.')
  }
  const draw = (characters: string) => characters.charAt(pick(characters.length))
  const all = kinds.join('')
  const characters = [
    ...required.map(draw),
    ...Array.from({ length: length - required.length }, () => draw(all)),
  ]
  return shuffled(characters, pick).join('')
}

/** Fisher–Yates, so that the required characters are not all at the start. */
function shuffled(characters: readonly string[], pick: (below: number) => number): string[] {
  const result = [...characters]
  for (let last = result.length - 1; last > 0; last--) {
    const other = pick(last + 1)
    const taken = result[last] ?? ''
    result[last] = result[other] ?? ''
    result[other] = taken
  }
  return result
}
