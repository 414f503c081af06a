/** The DNS server's sockets: UDP and TCP on one port of the loopback interface (RFC 1035, 7766). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import * as dns from 'dns-packet'

export interface DnsServer {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/** Without EDNS a UDP answer holds 512 bytes; what is longer is truncated and asked for again over TCP. */
const plainUdpBytes = 512
const ednsUdpBytes = 1232
const truncated = 1 << 9
const idleMs = 10_000
/** An ephemeral UDP port may be taken for TCP by another process. */
const attempts = 10

/** Port 0 takes a free one, the same for UDP and TCP. */
export async function openDnsServer(
  port: number,
  answer: (query: dns.Packet) => dns.Packet,
): Promise<DnsServer> {
  const address = '127.0.0.1'
  for (let attempt = 1; ; attempt++) {
    const udp = createSocket('udp4')
    const tcp = createServer()
    try {
      udp.bind(port, address)
      await once(udp, 'listening')
      const bound = udp.address().port
      tcp.listen(bound, address)
      await once(tcp, 'listening')
      return serve(udp, tcp, address, bound, answer)
    } catch (error) {
      udp.close()
      tcp.close()
      if (port !== 0 || attempt === attempts) {
        throw new Error(`the DNS server cannot listen on ${address}:${port}; choose another port`, {
          cause: error,
        })
      }
    }
  }
}

function serve(
  udp: UdpSocket,
  tcp: Server,
  address: string,
  port: number,
  answer: (query: dns.Packet) => dns.Packet,
): DnsServer {
  const connections = new Set<Socket>()
  udp.on('message', (message, sender) => {
    const query = decode(message)
    if (query === undefined) return
    const response = answer(query)
    const edns = query.additionals?.some((record) => record.type === 'OPT') ?? false
    const encoded = dns.encode(edns ? { ...response, additionals: [optRecord] } : response)
    const limit = edns ? ednsUdpBytes : plainUdpBytes
    const cut = { ...response, flags: (response.flags ?? 0) | truncated, answers: [], authorities: [] }
    udp.send(encoded.length <= limit ? encoded : dns.encode(cut), sender.port, sender.address)
  })
  tcp.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setTimeout(idleMs, () => socket.destroy())
    let pending: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const length = pending.readUInt16BE(0)
        const query = decode(pending.subarray(2, 2 + length))
        pending = pending.subarray(2 + length)
        if (query === undefined) return socket.destroy()
        socket.write(dns.streamEncode(answer(query)))
      }
    })
  })
  return {
    address,
    port,
    async close() {
      for (const socket of connections) socket.destroy()
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ])
    },
  }
}

const optRecord: dns.OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: ednsUdpBytes,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}

/** Undefined for what is no DNS query; a server must not answer to answers. */
function decode(message: Buffer): dns.Packet | undefined {
  try {
    const packet = dns.decode(message)
    return packet.type === 'query' ? packet : undefined
  } catch {
    return undefined
  }
}
