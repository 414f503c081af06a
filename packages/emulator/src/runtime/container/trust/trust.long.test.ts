import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { type CertificateAuthority, createCertificateAuthority } from '../../../certificate-authority.ts'
import { createTrust } from './trust.ts'

const java = spawnSync('javac', ['-version']).status === 0
let directory = ''
let authority: CertificateAuthority
const server = createServer()

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'baton-trust-'))
  authority = await createCertificateAuthority(directory)
  await createTrust(authority, directory)
  server.setSecureContext(await authority.issue(['localhost']))
  server.on('request', (_request, response) => response.end('trusted'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

after(async () => {
  server.close()
  server.closeAllConnections()
  await rm(directory, { recursive: true })
})

const url = () => `https://localhost:${(server.address() as AddressInfo).port}/`

test('Node.js trusts the authority by NODE_EXTRA_CA_CERTS', { timeout: 30_000 }, async () => {
  const script = `console.log(await (await fetch(${JSON.stringify(url())})).text())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') },
  })
  assert.equal(stdout.trim(), 'trusted')
})

test('a JVM trusts the authority by its trust store, and those that everybody trusts', {
  skip: !java && 'javac is not installed',
  timeout: 60_000,
}, async () => {
  const source = join(directory, 'Main.java')
  await writeFile(
    source,
    `public class Main {
      public static void main(String[] a) throws Exception {
        System.out.println(new String(new java.net.URL(a[0]).openStream().readAllBytes()));
        var store = java.security.KeyStore.getInstance(new java.io.File(a[1]), "changeit".toCharArray());
        System.out.println(store.size() > 100);
      }
    }`,
  )
  const store = join(directory, 'trust.jks')
  const trusted = [
    `-Djavax.net.ssl.trustStore=${store}`,
    '-Djavax.net.ssl.trustStoreType=JKS',
    '-Djavax.net.ssl.trustStorePassword=changeit',
  ]
  const { stdout } = await promisify(execFile)('java', [...trusted, source, url(), store])
  assert.deepEqual(stdout.trim().split('\n'), ['trusted', 'true'])
})
