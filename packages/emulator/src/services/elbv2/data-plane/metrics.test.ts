import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { until } from '../../../test-kit/until.test-kit.ts'
import { forward, get, startTestBalancer, type TestBalancer } from '../test-kit/elbv2.test-kit.ts'

let balancer: TestBalancer
let group: string

before(async () => {
  // A minute of AWS's is a fifth of a second.
  balancer = await startTestBalancer({ speed: 300 })
  group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.secureListener([forward(group)])
  await balancer.listener([{ Type: 'redirect', RedirectConfig: { Path: '/new', StatusCode: 'HTTP_302' } }], {
    Port: 81,
  })
  await balancer.listener(
    [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', MessageBody: 'x' } }],
    { Port: 82 },
  )
  const listener = (incoming: { url?: string | undefined }, response: import('node:http').ServerResponse) =>
    void response.writeHead(Number(incoming.url?.slice(1) || 200)).end('four')
  await balancer.target(group, listener)
  await balancer.target(group, listener)
})
after(() => balancer[Symbol.asyncDispose]())

/** The values recorded since `from`, by the names of the dimensions. */
function recorded(metric: string, from = 0): Record<string, number[]> {
  const found: Record<string, number[]> = {}
  for (const datum of balancer.metrics.slice(from)) {
    if (datum.metric !== metric) continue
    assert.equal(datum.namespace, 'AWS/ApplicationELB')
    const key = Object.keys(datum.dimensions).sort().join()
    found[key] = [...(found[key] ?? []), datum.value]
  }
  return found
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('counts requests, their codes and times for the balancer and for target group and balancer', async () => {
  const from = balancer.metrics.length
  for (const path of ['/', '/301', '/404', '/500']) await get(balancer.portOf(80), path)
  const both = 'LoadBalancer,TargetGroup'
  assert.deepEqual(recorded('RequestCount', from), { LoadBalancer: [1, 1, 1, 1], [both]: [1, 1, 1, 1] })
  for (const code of ['2XX', '3XX', '4XX', '5XX']) {
    assert.deepEqual(recorded(`HTTPCode_Target_${code}_Count`, from), { LoadBalancer: [1], [both]: [1] })
  }
  assert.equal(recorded('TargetResponseTime', from)[both]?.length, 4)
  // The sum is the average of the targets, of which there are two.
  assert.deepEqual(recorded('RequestCountPerTarget', from), {
    TargetGroup: [0.5, 0.5, 0.5, 0.5],
    [both]: [0.5, 0.5, 0.5, 0.5],
  })
  assert.deepEqual(recorded('HTTPCode_ELB_5XX_Count', from), {})
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('counts what the load balancer answers itself for the load balancer only, and no request for it', async () => {
  const from = balancer.metrics.length
  await get(balancer.portOf(81))
  await get(balancer.portOf(82))
  await get(balancer.portOf(80), '/', { method: 'TRACE' })
  assert.deepEqual(recorded('HTTP_Redirect_Count', from), { LoadBalancer: [1] })
  assert.deepEqual(recorded('HTTP_Fixed_Response_Count', from), { LoadBalancer: [1] })
  assert.deepEqual(recorded('HTTPCode_ELB_3XX_Count', from), { LoadBalancer: [1] })
  assert.deepEqual(recorded('HTTPCode_ELB_4XX_Count', from), { LoadBalancer: [1, 1] })
  assert.deepEqual(recorded('RequestCount', from), {})
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('counts new and active connections and the bytes that went through them', async () => {
  const from = balancer.metrics.length
  const socket = connect(balancer.portOf(80), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.ok((recorded('NewConnectionCount', from).LoadBalancer ?? []).length >= 1)
  await until(() => (recorded('ActiveConnectionCount', from).LoadBalancer ?? []).some((value) => value >= 1))
  const bytes = () =>
    (recorded('ProcessedBytes', from).LoadBalancer ?? []).reduce((sum, each) => sum + each, 0)
  await until(() => bytes() >= answer.length)
  socket.destroy()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('counts clients whose TLS handshake fails', async () => {
  const from = balancer.metrics.length
  const socket = connect(balancer.portOf(443), '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'close')
  assert.deepEqual(recorded('ClientTLSNegotiationErrorCount', from), { LoadBalancer: [1] })
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
test('reports healthy and unhealthy targets every minute', async () => {
  const from = balancer.metrics.length
  await until(() => (recorded('HealthyHostCount', from)['LoadBalancer,TargetGroup'] ?? []).length >= 2)
  assert.equal(recorded('HealthyHostCount', from)['LoadBalancer,TargetGroup']?.[0], 2)
  assert.equal(recorded('UnHealthyHostCount', from)['LoadBalancer,TargetGroup']?.[0], 0)
})
