import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forward, get, startTestBalancer } from '../testing.ts'

test('tells the target of its client, and passes headers on as they were written', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => {
    response.writeHead(201, 'Made', [
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'X-Odd_Name',
      'kept',
      'Date',
      'never',
    ])
    response.end(JSON.stringify(incoming.rawHeaders))
  })
  const answer = await get(balancer.portOf(80), '/', {
    headers: {
      Host: 'app.keencho.com',
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-CaSe': 'Kept',
      Connection: 'close, X-Hop',
      'X-Hop': 'gone',
      'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678',
    },
  })
  assert.equal(answer.status, 201)
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
  assert.ok(answer.rawHeaders.includes('X-Odd_Name') && answer.rawHeaders.includes('never'))
  const sent: string[] = JSON.parse(answer.body)
  const header = (name: string) => sent[sent.indexOf(name) + 1]
  assert.equal(header('Host'), 'app.keencho.com')
  assert.equal(header('X-CaSe'), 'Kept')
  assert.equal(header('X-Forwarded-For'), '203.0.113.9, 127.0.0.1')
  assert.equal(header('X-Forwarded-Proto'), 'http')
  assert.equal(header('X-Forwarded-Port'), '80')
  assert.match(
    header('X-Amzn-Trace-Id') ?? '',
    /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/,
  )
  assert.ok(!sent.includes('X-Hop'))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
test('drops invalid header fields where the load balancer is told to', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  await balancer.target(group, (incoming, response) => response.end(String(incoming.headers.bad_name)))
  const headers = { bad_name: 'yes' }
  assert.equal((await get(balancer.portOf(80), '/', { headers })).body, 'yes')
  await balancer.call('ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer.loadBalancerArn,
    Attributes: [{ Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' }],
  })
  assert.equal((await get(balancer.portOf(80), '/', { headers })).body, 'undefined')
})
