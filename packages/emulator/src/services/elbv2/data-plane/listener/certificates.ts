/**
 * Which certificate an HTTPS listener presents: the one that fits the client's server name, else the default one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
import { nameCovers } from '../../../../http/host.ts'
import type { Acm } from '../../../acm/contract.ts'
import type { Listener } from '../../model/model.ts'

/** The certificate for a server name: the default one where it fits or none does. */
export function certificateFor(acm: Acm, listener: Listener, serverName: string) {
  const all = [listener.certificateArn, ...listener.certificateArns].flatMap((arn) => {
    const material = arn === undefined ? undefined : acm.material(arn)
    return material ? [material] : []
  })
  return all.find(({ names }) => names.some((name) => nameCovers(name, serverName))) ?? all[0]
}

/** For clients that send no server name. */
export const defaultMaterial = (acm: Acm, listener: Listener) =>
  listener.certificateArn === undefined ? undefined : acm.material(listener.certificateArn)
