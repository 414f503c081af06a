/**
 * A trust store that every JVM reads: Java's own format, JKS. The newer one, PKCS #12, needs an attribute of Oracle's on each
 * certificate, without which a JVM takes the store for empty.
 *
 * https://github.com/openjdk/jdk/blob/master/src/java.base/share/classes/sun/security/provider/JavaKeyStore.java
 */
import { createHash, X509Certificate } from 'node:crypto'

const magic = 0xfeedfeed
const version = 2
const trustedCertificate = 2

/** Holds the certificates, PEM, as trusted ones. The password only seals it: nothing in it is secret. */
export function keyStore(certificates: readonly string[], password: string): Buffer {
  const entries = certificates.flatMap((pem, index) => {
    const { raw } = new X509Certificate(pem)
    return [u32(trustedCertificate), text(`authority-${index}`), u64(0n), text('X.509'), u32(raw.length), raw]
  })
  const content = Buffer.concat([u32(magic), u32(version), u32(certificates.length), ...entries])
  const seal = createHash('sha1')
    .update(Buffer.from(password, 'utf16le').swap16())
    .update('Mighty Aphrodite')
    .update(content)
  return Buffer.concat([content, seal.digest()])
}

function u32(value: number): Buffer {
  const result = Buffer.alloc(4)
  result.writeUInt32BE(value)
  return result
}

function u64(value: bigint): Buffer {
  const result = Buffer.alloc(8)
  result.writeBigUInt64BE(value)
  return result
}

/** Its length in 16 bits, then the characters, which are ASCII here. */
function text(value: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(value.length)
  return Buffer.concat([length, Buffer.from(value, 'latin1')])
}
