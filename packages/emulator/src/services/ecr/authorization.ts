/**
 * The tokens of `GetAuthorizationToken`, which Docker clients present as the password of the user `AWS`. They name
 * their principal and their end and are signed, so they need no list, and outlive a restart of the emulator.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { EmulatorContext } from '../../service.ts'

export interface Authorization {
  /** A password for the user `AWS`, good for twelve hours of the wall clock. */
  issue(principalArn: string): { password: string; expiresAt: Date }
  /** What an `Authorization` header is good for. */
  check(header: string | undefined): 'granted' | 'expired' | 'unknown'
}

const lifetimeMs = 12 * 60 * 60 * 1000

export function createAuthorization({
  clock,
  store,
}: Pick<EmulatorContext, 'clock' | 'store'>): Authorization {
  const keys = store.collection<{ key: string }>('ecr.signing-keys')
  function signature(payload: string): Buffer {
    const known = keys.get('current') ?? { key: randomBytes(32).toString('base64') }
    if (!keys.has('current')) keys.put('current', known)
    return createHmac('sha256', Buffer.from(known.key, 'base64')).update(payload).digest()
  }
  return {
    issue(principalArn) {
      const expiresAt = clock.now() + lifetimeMs
      const payload = Buffer.from(JSON.stringify({ principalArn, expiresAt })).toString('base64url')
      return {
        password: `${payload}.${signature(payload).toString('base64url')}`,
        expiresAt: new Date(expiresAt),
      }
    },
    check(header = '') {
      const [, encoded = ''] = /^Basic ([\w+/=-]+)$/i.exec(header) ?? []
      const [user, password = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s)
      const [payload = '', signed = ''] = password.split('.')
      const actual = Buffer.from(signed, 'base64url')
      const expected = signature(payload)
      if (user !== 'AWS' || actual.length !== expected.length || !timingSafeEqual(actual, expected))
        return 'unknown'
      const { expiresAt } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { expiresAt: number }
      return expiresAt > clock.now() ? 'granted' : 'expired'
    },
  }
}
