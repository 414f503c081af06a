/** Laid over a service: its health check never passes. Everything else works. */
import { Server } from 'node:http'

const healthPath = process.env.BATON_FAULT_HEALTH_PATH
const { emit } = Server.prototype
Server.prototype.emit = function emitUnlessHealthCheck(event, ...parameters) {
  const [request, response] = parameters
  if (event !== 'request' || request.url.split('?')[0] !== healthPath)
    return emit.call(this, event, ...parameters)
  response.writeHead(503, { 'x-app-version': process.env.APP_VERSION ?? 'unknown' }).end()
  return true
}
