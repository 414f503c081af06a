/** Laid over a service: its health check passes, and every request fails. */
import { Server } from 'node:http'

const { emit } = Server.prototype
Server.prototype.emit = function emitOnlyHealthCheck(event, ...parameters) {
  const [request, response] = parameters
  if (event !== 'request' || request.url.startsWith('/api/health'))
    return emit.call(this, event, ...parameters)
  request.resume()
  response
    .writeHead(500, {
      'content-type': 'application/json',
      'x-app-version': process.env.APP_VERSION ?? 'unknown',
    })
    .end('{"error":"fault"}')
  return true
}
