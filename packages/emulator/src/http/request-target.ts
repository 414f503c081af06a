/** The target in a request line: https://www.rfc-editor.org/rfc/rfc9112#section-3.2 */
import type { IncomingMessage } from 'node:http'

export interface AbsoluteForm {
  /** Host and port. */
  readonly authority: string
  /** Path and query. */
  readonly target: string
}

/** `GET http://host/path`, as a proxy would be asked; undefined for every other form. */
export function absoluteForm(url: string): AbsoluteForm | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/i.exec(url)
  if (!match) return undefined
  const rest = match[2] ?? ''
  // A user's name and password in it are not for the target.
  const authority = (match[1] ?? '').replace(/^.*@/, '')
  return { authority, target: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Whom a request is for: a URL in absolute form stands for the Host header (RFC 9112, 3.2.2). */
export function authorityOf({ url = '/', headers }: IncomingMessage): string | undefined {
  return url.startsWith('/') ? headers.host : (absoluteForm(url)?.authority ?? headers.host)
}
