/** Identifiers in AWS's formats, from one injected source of randomness. */
import { randomBytes } from 'node:crypto'

export interface Ids {
  /** `prefix` and `digits` hexadecimal digits: `hex('vpc-', 17)`. */
  hex(prefix: string, digits: number): string
  /** Upper-case letters and digits: `E2QWRUHAPOMQZL`, `d-ABCDEF123`. */
  upper(prefix: string, length: number): string
  /** A version 4 UUID. */
  uuid(): string
}

export function randomIds(random: (bytes: number) => Buffer = randomBytes): Ids {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  const hex = (prefix: string, digits: number) =>
    prefix +
    random(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits)
  return {
    hex,
    upper: (prefix, length) => prefix + [...random(length)].map((byte) => alphabet[byte % 36]).join(''),
    uuid() {
      const digits = hex('', 32)
      const variant = ((Number.parseInt(digits.charAt(16), 16) & 0x3) | 0x8).toString(16)
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        variant + digits.slice(17, 20),
        digits.slice(20, 32),
      ].join('-')
    },
  }
}
