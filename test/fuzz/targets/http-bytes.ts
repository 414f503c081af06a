/** Bytes of HTTP/1.1 that are almost right: what parsers disagree about, in any order and in pieces of any size. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import fc, { type GeneratorValue } from 'fast-check'
import { damaged, hostileText, oneOf, rarely } from '../hostile.ts'
import { assertNothingLeaks, Finding } from '../target.ts'

const methods = [
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PUT',
  'get',
  'G\tET',
  'A'.repeat(300),
  'PRI',
]
const paths = [
  '/',
  '/a',
  '/api/a',
  '*',
  '//a',
  '/%',
  '/%00',
  '/../..',
  '/a b',
  'http://other/',
  '/?a=%zz',
  `/${'a'.repeat(9_000)}`,
  '/\u0080',
  '/#a',
  '',
]
const versions = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.1 ',
  '',
]
const headers = [
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 5, 5',
  'Content-Length: 5, 6',
  'Content-Length: +5',
  'Content-Length: -1',
  'Content-Length: 0x5',
  'Content-Length: 99999999999999999999',
  'Content-Length : 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:\u000bchunked',
  'Transfer-Encoding: chunked\r\n ',
  'Transfer_Encoding: chunked',
  ' Transfer-Encoding: chunked',
  'Connection: close',
  'Connection: upgrade, x-forwarded-for, x-origin-verify',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Expect: 200',
  'X-Forwarded-For: 1.2.3.4',
  'X-Origin-Verify: forged',
  'Cookie: a=b; AWSALB=%zz; __proto__=1',
  'Host: other',
  'Host:',
  'Range: bytes=0-,5-1',
  'Accept-Encoding: gzip;q=9',
  'If-None-Match: "',
  'X: \u0000',
  ': empty',
  'no colon',
  `X-Long: ${'a'.repeat(20_000)}`,
]
const bodies = [
  '',
  'abcde',
  '5\r\nabcde\r\n0\r\n\r\n',
  '5;a="\r\n"\r\nabcde\r\n0\r\n\r\n',
  '0\r\nx-trailer: 1\r\n\r\n',
  'ffffffffffffffff\r\n',
  '5\nabcde\n0\n\n',
  '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  '-5\r\n',
  '5 \r\nabcde\r\n0\r\n\r\n',
]

function requestOf(g: GeneratorValue, host: string): string {
  const end = rarely(g, 8) ? oneOf(g, ['\n', '\r', '\r\n\r\n']) : '\r\n'
  const line = `${oneOf(g, methods)} ${oneOf(g, paths)} ${oneOf(g, versions)}`
  const chosen = Array.from({ length: oneOf(g, [0, 1, 1, 2, 3]) }, () =>
    rarely(g, 10) ? `X-Y: ${hostileText(g).slice(0, 1_000)}` : oneOf(g, headers),
  )
  const all = rarely(g, 10) ? chosen : [`Host: ${host}`, ...chosen]
  return `${[line, ...all].join(end)}${end}${end}${oneOf(g, bodies)}`
}

/** One connection's bytes: some requests after another, and the places where they are cut into pieces. */
export function bytesOf(g: GeneratorValue, host: string): { bytes: Buffer; cuts: number[] } {
  const requests = Array.from({ length: oneOf(g, [1, 1, 2, 3]) }, () => requestOf(g, host))
  const whole = Buffer.from(requests.join(''), 'latin1')
  const bytes = rarely(g, 4) ? damaged(g, whole) : whole
  const cuts = Array.from({ length: oneOf(g, [0, 0, 1, 3]) }, () => g(fc.nat, { max: bytes.length })).sort(
    (a, b) => a - b,
  )
  return { bytes, cuts }
}

/** Sends them, ends the sending side, and reads what comes until the other side closes. */
export async function exchange(
  port: number,
  { bytes, cuts }: { bytes: Buffer; cuts: readonly number[] },
  tls?: { ca: string; servername: string },
): Promise<string> {
  const socket = tls ? connectTls({ port, host: '127.0.0.1', ...tls }) : connect(port, '127.0.0.1')
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.on('error', () => socket.destroy())
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    socket.write(bytes.subarray(from, to))
    from = to
    await sleep(0)
  }
  socket.end()
  await closed
  return Buffer.concat(parts).toString('latin1')
}

/** Whatever was sent, what comes back is HTTP, or nothing. */
export function assertHttp(answer: string, secrets: readonly string[]): void {
  assertNothingLeaks(answer, secrets)
  if (answer !== '' && !/^HTTP\/1\.[01] [1-5]\d\d /.test(answer))
    throw new Finding(`no HTTP: ${answer.slice(0, 200)}`)
}
