/** Laid over a service: its health check passes, and every request fails. */
import { Server } from 'node:http'

const healthPath = process.env.BATON_FAULT_HEALTH_PATH
const { emit } = Server.prototype
Server.prototype.emit = function emitOnlyHealthCheck(event, ...parameters) {
  const [request, response] = parameters
  if (event !== 'request' || request.url.split('?')[0] === healthPath)
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
