/** The handshake of a WebSocket: https://www.rfc-editor.org/rfc/rfc6455#section-4.1 */
import type { IncomingMessage } from 'node:http'

/**
 * Only these take over their connection; other upgrades (`h2c`) are requests like any other, and so is what has a body,
 * which no handshake has: it would be lost.
 */
export function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    headers.upgrade?.toLowerCase() === 'websocket' &&
    method === 'GET' &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0'
  )
}
