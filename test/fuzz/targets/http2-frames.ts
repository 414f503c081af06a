/**
 * HTTP/2 at a load balancer's listener, frame by frame: headers that HTTP/1.1 would read otherwise, frames in any order, of
 * any length, on any stream. What reaches the target has the balancer's own headers, and nothing else does.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import fc, { type GeneratorValue } from 'fast-check'
import {
  forward,
  startTestBalancer,
} from '../../../packages/emulator/src/services/elbv2/test-kit/elbv2.test-kit.ts'
import { damaged, hostileText, oneOf, rarely } from '../hostile.ts'
import { assertNothingLeaks, Finding, type Target } from '../target.ts'

const frameTypes = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, ping: 6, goAway: 7, window: 8 }
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** A frame's head and its payload; `length` other than the payload's is a lie. */
function frame(type: number, flags: number, stream: number, payload: Uint8Array, length = payload.length) {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length & 0xff_ffff, 0, 3)
  head.writeUInt8(type & 0xff, 3)
  head.writeUInt8(flags & 0xff, 4)
  head.writeUInt32BE(stream >>> 0, 5)
  return Buffer.concat([head, payload])
}

/** HPACK without a table and without Huffman's code: "literal header field never indexed, new name" (RFC 7541, 6.2.3). */
const headerBlock = (headers: readonly (readonly [string, string])[]) =>
  Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0x10]), text(name), text(value)]))

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(bytes.length), bytes])
}

/** An integer with a prefix of seven bits (RFC 7541, 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest = rest >>> 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}

const strange: readonly (readonly [string, string])[] = [
  ['transfer-encoding', 'chunked'],
  ['content-length', '5'],
  ['content-length', '99'],
  ['content-length', '5, 6'],
  ['connection', 'close'],
  ['te', 'trailers, deflate'],
  ['upgrade', 'websocket'],
  ['x-a', 'b\r\nx-forwarded-for: 1.2.3.4'],
  ['x-a\r\nx-b', 'c'],
  ['x a', 'b'],
  ['X-Upper', 'b'],
  ['x-\u0000', 'b'],
  ['', 'empty'],
  [':path', '/second'],
  [':unknown', 'x'],
  ['host', 'other'],
  ['cookie', 'a=b'],
  ['cookie', 'AWSALB=%zz'],
  ['x-long', 'a'.repeat(20_000)],
]

const plainPseudo: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/'],
]

function requestHeaders(g: GeneratorValue): Buffer {
  const strangePseudo: (readonly [string, string])[] = [
    [':method', oneOf(g, ['GET', 'GET', 'GET', 'POST', 'HEAD', 'CONNECT', 'G ET', ''])],
    [':scheme', oneOf(g, ['https', 'https', 'https', 'http', 'x'])],
    [':authority', oneOf(g, ['localhost', 'localhost', 'localhost', 'a b', ''])],
    [
      ':path',
      oneOf(g, ['/', '/a', '*', '', '/ HTTP/1.1\r\nHost: x\r\n\r\nGET /smuggled', `/${'a'.repeat(9_000)}`]),
    ],
  ]
  // Half of them are right, so that the rest of a request is looked at too.
  const pseudo = rarely(g, 2) ? strangePseudo : plainPseudo
  const more = Array.from({ length: oneOf(g, [0, 0, 1, 2]) }, () =>
    rarely(g, 6) ? (['x-y', hostileText(g).slice(0, 500)] as const) : oneOf(g, strange),
  )
  const all = rarely(g, 5) ? [...more, ...pseudo] : [...pseudo, ...more]
  return headerBlock(rarely(g, 6) ? all.slice(1) : all)
}

const bytes = (g: GeneratorValue, max: number) => Buffer.alloc(g(fc.nat, { max }), oneOf(g, [0, 0x61, 0xff]))

function oneFrame(g: GeneratorValue, stream: number): Buffer {
  const { data, headers, priority, reset, settings, ping, goAway, window } = frameTypes
  const on = rarely(g, 6) ? oneOf(g, [0, 2, stream - 2, 0x7fff_ffff, 0xffff_ffff]) : stream
  switch (g(fc.nat, { max: 9 })) {
    case 0:
      return frame(data, oneOf(g, [0, 1, 8, 9]), on, bytes(g, 40))
    case 1:
      return frame(priority, 0, on, Buffer.from([0, 0, 0, stream & 0xff, 1]))
    case 2:
      return frame(reset, 0, on, bytes(g, 6))
    case 3:
      return frame(
        settings,
        oneOf(g, [0, 1]),
        oneOf(g, [0, on]),
        Buffer.from([0, oneOf(g, [1, 3, 4, 5, 9]), 0xff, 0xff, 0xff, 0xff]),
      )
    case 4:
      return frame(ping, oneOf(g, [0, 1]), oneOf(g, [0, on]), bytes(g, 9))
    case 5:
      return frame(
        window,
        0,
        oneOf(g, [0, on]),
        Buffer.from([oneOf(g, [0, 0x7f]), 0xff, 0xff, oneOf(g, [0, 0xff])]),
      )
    case 6:
      return frame(oneOf(g, [goAway, 5, 9, 10, 255]), oneOf(g, [0, 4, 255]), on, bytes(g, 30))
    case 7:
      return frame(headers, oneOf(g, [0, 1, 4, 5, 0x2c]), on, requestHeaders(g), oneOf(g, [0, 3, 0xff_ffff]))
    default:
      return frame(headers, oneOf(g, [4, 5, 5, 5]), on, requestHeaders(g))
  }
}

/** One connection's bytes. */
function connection(g: GeneratorValue): Buffer {
  const first = frame(frameTypes.headers, 5, 1, requestHeaders(g))
  const others = Array.from({ length: oneOf(g, [0, 1, 3, 7]) }, (_, index) => oneFrame(g, 2 * index + 3))
  const whole = Buffer.concat([preface, frame(frameTypes.settings, 0, 0, Buffer.alloc(0)), first, ...others])
  return rarely(g, 5) ? damaged(g, whole) : whole
}

/** Sends them, and reads what comes until the balancer has answered all that it will. */
async function exchange(port: number, sent: Buffer): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false })
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.on('error', () => socket.destroy())
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(sent)
  // HTTP/2 has no end that a client could wait for: what is not answered by then is not answered.
  await Promise.race([closed, sleep(30)])
  socket.destroy()
  return Buffer.concat(parts)
}

export const http2Target: Target = {
  name: 'http2',
  deadlineMs: 10_000,
  casesPerRound: 150,
  async open() {
    const balancer = await startTestBalancer()
    const smuggled: string[] = []
    const group = await balancer.group('fuzz')
    await balancer.secureListener([forward(group)])
    await balancer.target(group, (request, response) => {
      const { method, url, headers, httpVersion } = request
      if (headers['x-forwarded-for'] !== '127.0.0.1' || headers['x-amzn-trace-id'] === undefined)
        smuggled.push(`${method} ${url} HTTP/${httpVersion}`)
      request.resume()
      response.end('ok')
    })
    const port = balancer.portOf(443)
    return {
      async attempt(g, watch) {
        const sent = connection(g)
        watch.trying({ bytes: sent.toString('hex') })
        const answer = await watch.underOthers(() => exchange(port, sent))
        assertNothingLeaks(answer.toString('latin1'), [balancer.context.stateDir])
        if (answer.length >= 9 && answer[3] !== frameTypes.settings && answer[3] !== frameTypes.goAway)
          throw new Finding(`the first frame is of type ${answer[3]}: ${answer.toString('hex', 0, 40)}`)
        const [first] = smuggled.splice(0)
        if (first !== undefined)
          throw new Finding(`a target got a request that the balancer did not see: ${first}`)
      },
      [Symbol.asyncDispose]: () => balancer[Symbol.asyncDispose](),
    }
  },
}
