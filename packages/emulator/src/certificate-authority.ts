/**
 * The emulator's own certificate authority, in place of Amazon Trust Services and of RDS's certificate bundle.
 *
 * Every TLS connection of the emulator is real: the load balancer, the edge and PostgreSQL show certificates that
 * this authority issued, and tasks and clients verify them against it. The authority is made once and kept in
 * the state directory, so that a browser or a client that trusts it still does after the next start.
 */
// tsyringe, which @peculiar/x509 is built on, needs the reflection polyfill to be loaded first.
import 'reflect-metadata'
import { createHmac, randomBytes, webcrypto } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

export interface CertificateAuthority {
  /** The authority's certificate, PEM. */
  readonly certificate: string
  /** File that holds `certificate`, for `NODE_EXTRA_CA_CERTS`, `sslrootcert` and `curl --cacert`. */
  readonly certificateFile: string
  /** Issues a certificate for the names (wildcards allowed) and IP addresses; PEM, leaf first. */
  issue(names: readonly string[]): Promise<{ key: string; cert: string }>
  /** A secret of this emulator for one purpose: the same after a restart, and not guessable. */
  secret(purpose: string): string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 24 * 60 * 60 * 1000
/** As long as Certificate Manager's own: https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html */
const leafDays = 395
const authorityDays = 3650

/** Opens the authority in `stateDir/authority`, or makes it there. Key file readable by its owner only. */
export async function createCertificateAuthority(stateDir: string): Promise<CertificateAuthority> {
  const directory = join(stateDir, 'authority')
  const certificateFile = join(directory, 'ca.pem')
  const keyFile = join(directory, 'ca.key')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const { certificate, key } =
    (await load(certificateFile, keyFile)) ?? (await make(certificateFile, keyFile))
  const issuer = new x509.X509Certificate(certificate)
  const keyText = await readFile(keyFile, 'utf8')
  return {
    certificate,
    certificateFile,
    issue: (names) => issue(issuer, key, names),
    secret: (purpose) => createHmac('sha256', keyText).update(purpose).digest('hex'),
  }
}

async function issue(
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  names: readonly string[],
) {
  const [first] = names
  if (first === undefined) throw new Error('a certificate needs at least one name')
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    // A common name holds at most 64 characters (RFC 5280, ub-common-name); clients read the alternative names.
    subject: `CN=${first.slice(0, 64)}`,
    issuer: issuer.subject,
    ...validity(leafDays),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    key: await exportKey(keys.privateKey),
    cert: `${leaf.toString('pem')}\n${issuer.toString('pem')}\n`,
  }
}

async function make(certificateFile: string, keyFile: string) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Baton emulator authority',
    ...validity(authorityDays),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const certificate = `${authority.toString('pem')}\n`
  // The key first: a certificate without its key would be trusted and of no use after a crash in between.
  await replaceFile(keyFile, await exportKey(keys.privateKey), 0o600)
  await replaceFile(certificateFile, certificate, 0o644)
  return { certificate, key: keys.privateKey }
}

async function load(certificateFile: string, keyFile: string) {
  try {
    const certificate = await readFile(certificateFile, 'utf8')
    const [pkcs8] = x509.PemConverter.decode(await readFile(keyFile, 'utf8'))
    if (pkcs8 === undefined)
      throw new Error(`${keyFile} holds no key; delete the folder to get a new authority`)
    return { certificate, key: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function replaceFile(file: string, content: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, content, { mode, flush: true })
  await rename(`${file}.new`, file)
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

/** Positive and without a leading zero byte, as DER wants it. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes.toString('hex')
}

/** From an hour ago, so that a clock that lags a little does not refuse it. */
function validity(days: number) {
  return { notBefore: new Date(Date.now() - dayMs / 24), notAfter: new Date(Date.now() + days * dayMs) }
}
