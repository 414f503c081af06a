/** Passes a connection on to another socket of this machine, both ways, with ends that close one after the other. */
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** `onOpen` gets each end, so that the caller can cut it. */
export function passOn(
  inbound: Duplex,
  target: { readonly address: string; readonly port: number },
  onOpen: (end: Duplex) => void = () => undefined,
): void {
  const outbound = connect({
    host: target.address,
    port: target.port,
    allowHalfOpen: true,
    noDelay: true,
  })
  for (const [from, to] of [[inbound, outbound] as const, [outbound, inbound] as const]) {
    onOpen(from)
    from.once('close', () => to.destroy())
    from.on('error', () => from.destroy())
    from.pipe(to)
  }
}
