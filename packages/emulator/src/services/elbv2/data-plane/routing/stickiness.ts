/**
 * Sticky sessions. A cookie of the balancer's names a target (AWSALB, AWSALBAPP-0) or a target group (AWSALBTG) and
 * when it was given out; browsers keep it for seven days, the balancer honours it for the configured duration from
 * the last request. As on AWS the content is encrypted, and what does not decrypt is as if it were not there.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'

/** Of every cookie that the balancer makes; it cannot be configured. */
const cookieLifeMs = 7 * 24 * 3600 * 1000
/** One block: eight bytes of the name's digest, eight of the time. */
const blockLength = 16

/** Of the application's own cookies; AWS reserves these names. */
export const appCookieName = 'AWSALBAPP-0'

export interface Stickiness {
  /** A cookie's value that stands for a target or a group from now on. */
  token(name: string): string
  /** Whether the value stands for this name, given out no longer ago than the duration. */
  matches(token: string, name: string, durationSeconds: number): boolean
}

/** `secret` is the balancer's own, and the same after a restart. */
export function createStickiness(secret: string, now: () => number): Stickiness {
  const key = createHash('sha256').update(secret).digest().subarray(0, blockLength)
  const digests = new Map<string, Buffer>()

  function digest(name: string): Buffer {
    const known = digests.get(name)
    if (known) return known
    const created = createHash('sha256').update(name).digest().subarray(0, 8)
    // Targets come and go, their number at one time is small.
    if (digests.size > 1000) digests.clear()
    digests.set(name, created)
    return created
  }

  return {
    token(name) {
      const block = Buffer.alloc(blockLength)
      digest(name).copy(block)
      block.writeDoubleBE(now(), 8)
      const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
      return cipher.update(block).toString('base64')
    },
    matches(token, name, durationSeconds) {
      const block = Buffer.from(token, 'base64')
      if (block.length !== blockLength) return false
      const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false)
      const plain = decipher.update(block)
      const age = now() - plain.readDoubleBE(8)
      return digest(name).equals(plain.subarray(0, 8)) && age <= durationSeconds * 1000
    },
  }
}

/** Set-Cookie headers (flat) for a stickiness cookie and its twin for requests of other origins. */
export function setCookies(name: 'AWSALB' | 'AWSALBTG', token: string, nowMs: number): string[] {
  const rest = `${token}; Expires=${new Date(nowMs + cookieLifeMs).toUTCString()}; Path=/`
  return ['Set-Cookie', `${name}=${rest}`, 'Set-Cookie', `${name}CORS=${rest}; SameSite=None; Secure`]
}

/** The balancer's cookie beside the application's; for browsers from Chromium 80 on, other origins may send it. */
export function setAppCookie(token: string, userAgent: string | undefined, nowMs: number): string[] {
  const version = Number(/Chrom(?:e|ium)\/(\d+)/.exec(userAgent ?? '')?.[1] ?? 0)
  const expires = new Date(nowMs + cookieLifeMs).toUTCString()
  const crossSite = version >= 80 ? '; SameSite=None; Secure' : ''
  return ['Set-Cookie', `${appCookieName}=${token}; Expires=${expires}; Path=/${crossSite}`]
}

/** Whether a target's headers (flat) set the cookie of that name. */
export function setsCookie(raw: readonly string[], name: string): boolean {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === 'set-cookie' && raw[index + 1]?.startsWith(`${name}=`)) return true
  }
  return false
}
