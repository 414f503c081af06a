/**
 * h2spec, the conformance test of HTTP/2, against a load balancer's listener. It is a Go program
 * (github.com/summerwind/h2spec/cmd/h2spec), looked for on the PATH; where it is missing the test is skipped and says so.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { forward, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

const run = promisify(execFile)
const missing = await run('h2spec', ['--version']).then(
  () => false,
  () => 'h2spec is not on the PATH',
)

/** nghttp2 ignores the frame, where the specification asks for an error. */
const ignored = 'nghttp2 drops the frame without an answer'
/** nghttp2 closes the connection, where the specification asks for less; clients open another. */
const connectionClosed = 'nghttp2 ends the connection'

/**
 * What h2spec expects otherwise than nghttp2, below node:http2, does. Node gives a program neither the frames nor the
 * state of streams to answer otherwise, so the listener cannot change it. No such frame reaches a target. A case that comes or
 * goes fails the test, so that the list stays true.
 */
const known: Readonly<Record<string, string>> = {
  'closed: Sends a DATA frame after sending RST_STREAM frame': ignored,
  'closed: Sends a HEADERS frame after sending RST_STREAM frame': ignored,
  'closed: Sends a DATA frame': ignored,
  'closed: Sends a HEADERS frame': ignored,
  'Sends stream identifier that is numerically smaller than previous': ignored,
  'Sends PRIORITY frame that depend on itself': ignored,
  'Sends a PRIORITY frame with 0x0 stream identifier': ignored,
  'Sends a PING frame with ACK': connectionClosed,
  'Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream':
    connectionClosed,
}

test('a listener speaks HTTP/2 as h2spec expects', { skip: missing, timeout: 300_000 }, async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.secureListener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    incoming.resume()
    incoming.on('end', () => response.end('fine'))
  })
  const options = ['-h', '127.0.0.1', '-p', String(balancer.portOf(443)), '-t', '-k', '-o', '5']
  const { stdout } = await run('h2spec', options, { maxBuffer: 8 * 1024 * 1024 }).catch((error) => error)
  const [, failures = ''] = String(stdout).split('Failures:')
  const failed = [...failures.matchAll(/^\s+× (\d+): (.*)$/gm)].map(([, , what]) => what ?? '')
  assert.match(String(stdout), /\d+ tests, \d+ passed/)
  assert.deepEqual([...new Set(failed)].sort(), Object.keys(known).sort(), String(stdout).slice(-4_000))
})
