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

/**
 * What nghttp2, below node:http2, answers otherwise: it ignores such frames, or closes the connection where the stream
 * would do. None of it reaches a target.
 */
const known: ReadonlySet<string> = new Set([
  'closed: Sends a DATA frame after sending RST_STREAM frame',
  'closed: Sends a HEADERS frame after sending RST_STREAM frame',
  'closed: Sends a DATA frame',
  'closed: Sends a HEADERS frame',
  'Sends stream identifier that is numerically smaller than previous',
  'Sends PRIORITY frame that depend on itself',
  'Sends a PRIORITY frame with 0x0 stream identifier',
  'Sends a PING frame with ACK',
  'Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream',
])

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
  assert.deepEqual(
    failed.filter((what) => !known.has(what)),
    [],
    String(stdout).slice(-4_000),
  )
})
