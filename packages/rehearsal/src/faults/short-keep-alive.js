/** Laid over a service: it closes connections that were idle for one second, as many servers do by default. */
import { Server } from 'node:http'

const { listen } = Server.prototype
Server.prototype.listen = function listenWithShortKeepAlive(...parameters) {
  this.keepAliveTimeout = 1_000
  this.keepAliveTimeoutBuffer = 0
  return listen.apply(this, parameters)
}
