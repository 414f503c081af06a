import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as requestTls } from 'node:https'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Acm } from '../../../acm/contract.ts'
import { get, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

test('presents the certificate that fits the server name, in process and on the socket', async () => {
  const issued = new Map<string, { key: string; cert: string; names: string[] }>()
  const acm: Acm = { name: 'acm', material: (arn) => issued.get(arn) }
  await using balancer = await startTestBalancer({ acm })
  const { authority } = balancer.context
  issued.set('arn:one', { ...(await authority.issue(['*.keencho.com'])), names: ['*.keencho.com'] })
  issued.set('arn:two', { ...(await authority.issue(['other.org'])), names: ['other.org'] })
  const answering = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }
  const ListenerArn = await balancer.listener([answering], {
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: 'arn:one' }],
  })
  await balancer.call('AddListenerCertificates', {
    ListenerArn,
    Certificates: [{ CertificateArn: 'arn:two' }],
  })
  const port = balancer.portOf(443)
  const presented = async (servername: string | undefined) => {
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(servername ? { servername } : {}),
    })
    await once(socket, 'secureConnect')
    const names = socket.getPeerCertificate().subjectaltname
    socket.destroy()
    return names
  }
  assert.equal(await presented('app.keencho.com'), 'DNS:*.keencho.com')
  assert.equal(await presented('other.org'), 'DNS:other.org')
  assert.equal(await presented('a.b.keencho.com'), 'DNS:*.keencho.com')
  assert.equal(await presented(undefined), 'DNS:*.keencho.com')
  const endpoint = balancer.context.names.lookup(balancer.dnsName, 443)?.http
  assert.equal(endpoint?.certificate?.('other.org')?.cert, issued.get('arn:two')?.cert)
  const sent = requestTls({
    host: '127.0.0.1',
    port,
    servername: 'other.org',
    ca: authority.certificate,
    agent: false,
  }).end()
  const [response] = await once(sent, 'response')
  assert.equal(response.statusCode, 200)
  response.destroy()
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
test('a listener that changes from HTTPS to HTTP loses policy and certificates, and needs them to change back', async () => {
  await using balancer = await startTestBalancer()
  const answering = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '204' } }
  const ListenerArn = await balancer.secureListener([answering])
  const described = async (): Promise<Listener> => {
    const { Listeners } = await balancer.call('DescribeListeners', { ListenerArns: [ListenerArn] })
    return (Listeners ?? [])[0] ?? {}
  }
  const { Certificates, SslPolicy } = await described()
  await balancer.call('AddListenerCertificates', { ListenerArn, Certificates })
  await balancer.call('ModifyListener', { ListenerArn, Protocol: 'HTTP' })
  const { Protocol, ...rest } = await described()
  assert.deepEqual([Protocol, 'Certificates' in rest, 'SslPolicy' in rest], ['HTTP', false, false])
  assert.equal(
    balancer.context.names.lookup(balancer.dnsName, 443)?.http?.certificate?.('localhost'),
    undefined,
  )
  assert.equal((await get(balancer.portOf(443))).status, 204)
  const back = (input: object) =>
    balancer.call('ModifyListener', { ListenerArn, Protocol: 'HTTPS', ...input })
  await assert.rejects(back({}), { code: 'ValidationError', message: /A certificate must be specified/ })
  await back({ Certificates })
  assert.deepEqual([(await described()).Protocol, (await described()).SslPolicy], ['HTTPS', SslPolicy])
  const { Certificates: listed } = await balancer.call('DescribeListenerCertificates', { ListenerArn })
  assert.equal(([] as unknown[]).concat(listed).length, 1)
})
