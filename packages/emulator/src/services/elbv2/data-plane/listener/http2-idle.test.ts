/** The idle time-out of a load balancer, as clients of HTTP/2 meet it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, startTestBalancer, type TestBalancer } from '../../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let port: number
/** What has become of the requests that reached the target, by path. */
const cut = new Map<string, boolean>()

before(async () => {
  balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.secureListener([forward(group)])
  port = balancer.portOf(443)
  await balancer.target(group, (incoming, response) => {
    const path = incoming.url ?? ''
    cut.set(path, false)
    incoming.on('error', () => {})
    response.on('close', () => cut.set(path, !response.writableFinished))
    if (path === '/unread' || path === '/silent') return
    if (path === '/early') return void response.end('early')
    if (path === '/endless') return pour()
    incoming.resume()
    incoming.on('end', () => response.end('whole'))

    function pour(): void {
      if (!response.destroyed) response.write(Buffer.alloc(64 * 1024), (error) => error ?? setImmediate(pour))
    }
  })
  await balancer.attributes({ 'idle_timeout.timeout_seconds': '1' })
})
after(() => balancer[Symbol.asyncDispose]())

function open(): ClientHttp2Session {
  const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  return session
}

const post = (session: ClientHttp2Session, path: string): ClientHttp2Stream =>
  session.request({ ':path': path, ':method': 'POST' }, { endStream: false })

/** The answers that came, by status. */
const answers = new Map<unknown, number>()

async function statusOf(stream: ClientHttp2Stream): Promise<unknown> {
  const [{ ':status': status }] = await once(stream, 'response')
  stream.resume()
  answers.set(status, (answers.get(status) ?? 0) + 1)
  return status
}

const counted = (metric: string) => balancer.metrics.filter((datum) => datum.metric === metric).length

describe('over HTTP/2', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
  test('answers 408 to a stream that stops in the middle of its body, and goes on with the connection', async () => {
    const session = open()
    const started = performance.now()
    const stream = post(session, '/stops')
    stream.write('half')
    assert.equal(await statusOf(stream), 408)
    assert.ok(performance.now() - started > 900, 'no clock compresses it')
    await once(stream, 'close')
    // It is over for the target too, and in the count of open streams.
    await until(() => cut.get('/stops') === true)
    const next = post(session, '/next')
    next.end('all of it')
    assert.equal(await statusOf(next), 200)
    session.close()
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-408-issues
  test('answers 408 to a stream that announces a body and never begins it', async () => {
    const session = open()
    assert.equal(await statusOf(post(session, '/never')), 408)
    session.close()
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues
  test('answers 504 where the target is silent, or does not read what the client would send', async () => {
    const session = open()
    const silent = statusOf(session.request({ ':path': '/silent' }))
    const unread = post(session, '/unread')
    unread.on('error', () => {})
    const part = Buffer.alloc(64 * 1024)
    const fill = () => {
      while (unread.write(part)) {}
      unread.once('drain', fill)
    }
    fill()
    assert.deepEqual(await Promise.all([silent, statusOf(unread)]), [504, 504])
    session.close()
  })

  test('a body that takes longer than the idle time-out as a whole is waited for', async () => {
    // Sent again where the machine itself stopped for as long as the time-out.
    await until(async () => {
      const session = open()
      const stream = post(session, '/slow').on('error', () => {})
      const answered = statusOf(stream).catch(() => undefined)
      for (let part = 0; part < 15 && stream.writable; part++) {
        stream.write('part')
        await sleep(100)
      }
      stream.end()
      const status = await answered
      session.close()
      return status === 200
    })
  })

  test('closes a stream that has its answer and does not end its request', async () => {
    const session = open()
    const stream = post(session, '/early')
    const closed = once(stream, 'close')
    assert.equal(await statusOf(stream), 200)
    await closed
    assert.equal(stream.rstCode, 0)
    session.close()
  })

  test('cuts an answer of which its client takes nothing any more', async () => {
    const session = open()
    const stream = session.request({ ':path': '/endless' })
    await once(stream, 'response')
    const ended = once(stream, 'error')
    await until(() => cut.get('/endless') === true)
    stream.resume()
    await ended
    session.close()
  })

  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
  test('PING frames do not keep a connection open', async () => {
    const session = open()
    const goaway = once(session, 'goaway')
    const closed = once(session, 'close')
    await once(session, 'connect')
    const timer = setInterval(() => session.destroyed || session.ping(() => {}), 100)
    assert.equal((await goaway)[0], 0)
    await closed
    clearInterval(timer)
  })
})

test('counts each answer that a stream got from the balancer once', async () => {
  assert.ok((answers.get(408) ?? 0) >= 2)
  assert.equal(counted('HTTPCode_ELB_4XX_Count'), answers.get(408))
  // A target is not to blame for a client that takes nothing of its answer.
  assert.equal(counted('HTTPCode_ELB_504_Count'), answers.get(504))
})
