/**
 * `fetch` for registries. One on this machine, such as the emulator's, is never asked through a proxy:
 * `NODE_USE_ENV_PROXY` with `HTTP_PROXY` is for other hosts, and a proxy's `localhost` is another machine.
 */
import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, fetch as fetchWith } from 'undici'
import { isLoopback } from './reference.ts'

/** Names below `.localhost` are this machine (RFC 6761), whatever the system's resolver knows. */
const lookup: LookupFunction = (hostname, options, answer) =>
  systemLookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, options, answer)

const direct = new Agent({ connect: { lookup } })

export const fetchRegistry: typeof fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (!isLoopback(url.hostname)) return fetch(input, init)
  // Undici's own types are those of the global `fetch`, in another version.
  const ask = fetchWith as unknown as (url: URL, init: object) => Promise<Response>
  return ask(url, { ...init, dispatcher: direct })
}
