/**
 * Signing keys and signatures of Signature Version 4 and 4A.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createECDH, createHash, createHmac, timingSafeEqual, verify } from 'node:crypto'
import type { Signed } from './scope.ts'

export const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/** The key of a day, a region and a service. */
export function signingKey(secret: string, { scope }: Pick<Signed, 'scope'>): Buffer {
  const day = hmac(`AWS4${secret}`, scope.date)
  return hmac(hmac(hmac(day, scope.region ?? ''), scope.service), 'aws4_request')
}

export const scopeText = ({ scope }: Pick<Signed, 'scope'>) =>
  [scope.date, ...(scope.region === undefined ? [] : [scope.region]), scope.service, 'aws4_request'].join('/')

export function stringToSign(
  signed: Pick<Signed, 'algorithm' | 'scope' | 'timestamp'>,
  canonical: string,
): string {
  return `${signed.algorithm}\n${signed.timestamp ?? ''}\n${scopeText(signed)}\n${sha256(canonical)}`
}

/** Whether the signature is that of the secret over the text. */
export function matches(signed: Signed, secret: string, text: string): boolean {
  if (signed.algorithm === 'AWS4-HMAC-SHA256') {
    return sameText(hmac(signingKey(secret, signed), text).toString('hex'), signed.signature)
  }
  const key = publicKey(signed.scope.accessKeyId, secret)
  return verify('sha256', Buffer.from(text), { key, format: 'jwk' }, Buffer.from(signed.signature, 'hex'))
}

/** The signature of one text, hexadecimal. */
export const signText = (key: Buffer, text: string): string => hmac(key, text).toString('hex')

/** Takes as long for a wrong text as for the right one. */
export function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Order of the curve P-256, less two. */
const orderMinusTwo = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn

/**
 * SigV4A derives a key pair from the secret (NIST SP 800-108, counter mode); the first candidate below the order of
 * the curve is taken.
 */
function publicKey(accessKeyId: string, secret: string) {
  const label = 'AWS4-ECDSA-P256-SHA256'
  for (let counter = 1; counter < 255; counter++) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from(label),
      Buffer.from([0]),
      Buffer.from(accessKeyId),
      Buffer.from([counter]),
      Buffer.from([0, 0, 1, 0]),
    ])
    const candidate = BigInt(`0x${createHmac('sha256', `AWS4A${secret}`).update(input).digest('hex')}`)
    if (candidate > orderMinusTwo) continue
    const curve = createECDH('prime256v1')
    curve.setPrivateKey(Buffer.from((candidate + 1n).toString(16).padStart(64, '0'), 'hex'))
    const point = curve.getPublicKey()
    const coordinate = (from: number) => point.subarray(from, from + 32).toString('base64url')
    return { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) }
  }
  throw new Error('no SigV4A key follows from this secret')
}
