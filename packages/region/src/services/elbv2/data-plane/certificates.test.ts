import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as requestTls } from 'node:https'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { Certificates } from '../../acm/contract.ts'
import { startTestBalancer } from '../testing.ts'

test('presents the certificate that fits the server name, in process and on the socket', async () => {
  const issued = new Map<string, { key: string; cert: string; names: string[] }>()
  const certificates: Certificates = { name: 'acm', material: (arn) => issued.get(arn) }
  await using balancer = await startTestBalancer({ certificates })
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
