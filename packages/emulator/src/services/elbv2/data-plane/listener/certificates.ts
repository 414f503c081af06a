/**
 * Which certificate an HTTPS listener presents: the one that fits the client's server name, else the default one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Acm } from '../../../acm/contract.ts'
import type { Listener } from '../../model/model.ts'

/** The certificate for a server name: the default one where it fits or none does. */
export function certificateFor(acm: Acm, listener: Listener, serverName: string) {
  const all = [listener.certificateArn, ...listener.certificateArns].flatMap((arn) => {
    const material = arn === undefined ? undefined : acm.material(arn)
    return material ? [material] : []
  })
  return all.find(({ names }) => names.some((name) => covers(name, serverName))) ?? all[0]
}

/** Whether a certificate's name, `*.` for one label, covers a host name. */
export function covers(name: string, host: string): boolean {
  const [wanted, asked] = [name.toLowerCase(), host.toLowerCase()]
  if (!wanted.startsWith('*.')) return wanted === asked
  return (
    asked.endsWith(wanted.slice(1)) &&
    !asked.slice(0, -wanted.length + 1).includes('.') &&
    asked.length >= wanted.length
  )
}

/** For clients that send no server name. */
export const defaultMaterial = (acm: Acm, listener: Listener) =>
  listener.certificateArn === undefined ? undefined : acm.material(listener.certificateArn)

export function certificateChooser(options: { listener(): Listener; acm: Acm }) {
  /** By the certificate itself, so that a renewed one is taken up. */
  const contexts = new Map<string, SecureContext>()
  return (serverName: string): SecureContext | undefined => {
    const material = certificateFor(options.acm, options.listener(), serverName)
    if (!material) return undefined
    const known = contexts.get(material.cert)
    if (known) return known
    const made = createSecureContext({ key: material.key, cert: material.cert, minVersion: 'TLSv1.2' })
    contexts.set(material.cert, made)
    return made
  }
}
