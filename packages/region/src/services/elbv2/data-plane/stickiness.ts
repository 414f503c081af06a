/**
 * Sticky sessions: the cookie AWSALB pins a client to a target, AWSALBTG to a target group. AWS encrypts what is
 * in them; here it is a digest that names the target without saying it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
import { createHash } from 'node:crypto'

/** The value that stands for a target or a group in a cookie. */
export function stickyToken(name: string): string {
  return createHash('sha256').update(name).digest('base64url')
}

/** The value of a cookie in a Cookie header. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return undefined
}

/** Set-Cookie headers (flat) for a stickiness cookie and its CORS twin. */
export function setCookies(name: string, token: string, durationSeconds: number, nowMs: number): string[] {
  const expires = new Date(nowMs + durationSeconds * 1000).toUTCString()
  return [
    'Set-Cookie',
    `${name}=${token}; Expires=${expires}; Path=/`,
    'Set-Cookie',
    `${name}CORS=${token}; Expires=${expires}; Path=/; SameSite=None; Secure`,
  ]
}
