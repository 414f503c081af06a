/** What TLS needs of a certificate, made once for each: by the certificate itself, so that a renewed one is used at once. */
import { createSecureContext, type SecureContext } from 'node:tls'

const limit = 256

export function createSecureContexts(): (material: { key: string; cert: string }) => SecureContext {
  const contexts = new Map<string, SecureContext>()
  return ({ key, cert }) => {
    const known = contexts.get(cert)
    if (known) return known
    if (contexts.size >= limit) contexts.clear()
    const context = createSecureContext({ key, cert, minVersion: 'TLSv1.2' })
    contexts.set(cert, context)
    return context
  }
}
