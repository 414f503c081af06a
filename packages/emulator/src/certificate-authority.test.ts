import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import { createCertificateAuthority } from './certificate-authority.ts'

test('issues certificates that clients who trust the authority accept, by name, wildcard and address', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-authority-'))
  t.after(() => rm(stateDir, { recursive: true }))
  const authority = await createCertificateAuthority(stateDir)
  const issued = await authority.issue(['*.keencho.com', '127.0.0.1'])
  const server = tls.createServer(issued, (socket) => socket.end('hello')).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  for (const options of [{ servername: 'app.keencho.com' }, {}]) {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.certificate, ...options })
    await once(socket, 'secureConnect')
    assert.equal(socket.authorized, true)
    socket.destroy()
  }
  const stranger = tls.connect({
    host: '127.0.0.1',
    port,
    ca: authority.certificate,
    servername: 'a.b.keencho.com',
  })
  const [error] = await once(stranger, 'error')
  assert.equal(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID')
})

test('keeps the authority, so that what trusted it once still does', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-authority-'))
  t.after(() => rm(stateDir, { recursive: true }))
  const first = await createCertificateAuthority(stateDir)
  const again = await createCertificateAuthority(stateDir)
  assert.equal(again.certificate, first.certificate)
  assert.equal(again.secret('cookies'), first.secret('cookies'))
  assert.notEqual(first.secret('cookies'), first.secret('tokens'))
  const { cert, key } = await again.issue(['db.internal'])
  assert.doesNotThrow(() => tls.createSecureContext({ cert, key, ca: first.certificate }))
})
