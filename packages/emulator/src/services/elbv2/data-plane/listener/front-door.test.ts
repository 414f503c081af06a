/** What a load balancer says of its clients' connections holds at the emulator's front door as at its own socket. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { type FrontDoor, openFrontDoor } from '../../../../front-door.ts'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'

const host = 'app.keencho.com'
let balancer: TestBalancer
let door: FrontDoor
let httpPort: number
let httpsPort: number

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.secureListener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    incoming.resume()
    incoming.on('end', () => response.end(`${incoming.headers.host} ${incoming.headers['x-forwarded-port']}`))
  })
  await balancer.attributes({ 'idle_timeout.timeout_seconds': '1' })
  door = await openFrontDoor(balancer.context, {
    resolveAlias: (name) => (name === host ? { target: balancer.dnsName } : undefined),
    ports: { http: 0, https: 0 },
  })
  httpPort = Number(new URL(door.httpUrl).port)
  httpsPort = Number(new URL(door.httpsUrl).port)
})
after(async () => {
  await door.close()
  await balancer[Symbol.asyncDispose]()
})

const counted = (metric: string) => balancer.metrics.filter((datum) => datum.metric === metric).length

/** Sends bytes and gives what came back once the connection is closed, and after how many milliseconds that was. */
async function exchange(
  bytes: string,
  tls = false,
  later = '',
): Promise<{ received: string; afterMs: number }> {
  const started = performance.now()
  const socket = tls
    ? connectTls({ host: '127.0.0.1', port: httpsPort, servername: host, rejectUnauthorized: false })
    : connect(httpPort, '127.0.0.1')
  socket.write(bytes)
  let received = ''
  socket.on('data', (part) => {
    received += part.toString('latin1')
  })
  if (later !== '') socket.once('data', () => setTimeout(() => socket.write(later), 50))
  await once(socket, 'close', { signal: AbortSignal.timeout(30_000) })
  return { received, afterMs: performance.now() - started }
}

describe('the idle time-out of the balancer', { concurrency: true }, () => {
  const whole = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  for (const tls of [false, true]) {
    const door = tls ? 'exact door' : 'plain door'
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout
    test(`closes a connection at the ${door} that is idle after a request`, async () => {
      const { received, afterMs } = await exchange(whole, tls)
      assert.match(received, /^HTTP\/1\.1 200 OK/)
      assert.ok(afterMs > 980 && afterMs < 20_000, `after ${afterMs} ms`)
    })

    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
    test(`answers 408 at the ${door} to half a body, in the balancer’s own words`, async () => {
      const { received } = await exchange(
        `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10\r\n\r\nhalf`,
        tls,
      )
      assert.match(received, /^HTTP\/1\.1 408 /)
      assert.match(received, /awselb\/2\.0/)
    })

    test(`answers 408 at the ${door} to half a head behind a request`, async () => {
      const { received } = await exchange(whole, tls, 'GET / HTTP/1.1\r\nHost:')
      assert.match(received, /HTTP\/1\.1 408 /)
    })
  }
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('counts connections and failed handshakes of viewers at the front door', async () => {
  const [connections, failed] = [counted('NewConnectionCount'), counted('ClientTLSNegotiationErrorCount')]
  await exchange(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, true)
  // One to the door, and perhaps one to the target.
  assert.ok(counted('NewConnectionCount') > connections)
  // The door has no such cipher.
  const options = { ciphers: 'DHE-RSA-AES128-SHA', maxVersion: 'TLSv1.2', rejectUnauthorized: false } as const
  const refused = connectTls({ host: '127.0.0.1', port: httpsPort, servername: host, ...options })
  await assert.rejects(once(refused, 'secureConnect'))
  await until(() => counted('ClientTLSNegotiationErrorCount') > failed)
})

test('forwards AWS’s host and port from a door on another port', async () => {
  const { received } = await exchange(
    `GET / HTTP/1.1\r\nHost: ${host}:${httpsPort}\r\nConnection: close\r\n\r\n`,
    true,
  )
  assert.match(received, new RegExp(`${host} 443$`))
})
