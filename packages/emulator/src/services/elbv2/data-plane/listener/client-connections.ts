/**
 * The connections of a listener's clients, whichever door they came by, for CloudWatch.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Socket } from 'node:net'

export interface ClientConnections {
  opened(socket: Socket): void
  /** How many are open. */
  readonly size: number
  /** Bytes that came and went since the last call. */
  takeBytes(): number
}

export function createClientConnections(): ClientConnections {
  const sockets = new Set<Socket>()
  let bytesOfClosed = 0
  let bytesTaken = 0
  return {
    opened(socket) {
      sockets.add(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        bytesOfClosed += socket.bytesRead + socket.bytesWritten
      })
    },
    get size() {
      return sockets.size
    },
    takeBytes() {
      let bytes = bytesOfClosed
      for (const socket of sockets) bytes += socket.bytesRead + socket.bytesWritten
      const taken = bytes - bytesTaken
      bytesTaken = bytes
      return taken
    },
  }
}
