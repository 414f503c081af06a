/** Asks for a certificate, for both doors: Terraform's and the API's. */
import type { EmulatorContext } from '../../service.ts'
import type { AcmState, Certificate } from './state.ts'

export interface CertificateRequest extends Pick<Certificate, 'region' | 'domainName'> {
  readonly others: readonly string[]
  readonly keyAlgorithm: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly idempotencyToken?: string
  readonly transparency?: 'ENABLED' | 'DISABLED'
}

/** A certificate that waits for the records that prove its names. */
export function requestCertificate(
  { ids, clock, accountId }: EmulatorContext,
  certificates: AcmState,
  { others, keyAlgorithm, ...request }: CertificateRequest,
): Certificate {
  const certificate: Certificate = {
    ...request,
    arn: `arn:aws:acm:${request.region}:${accountId}:certificate/${ids.uuid()}`,
    names: [...new Set([request.domainName, ...others])],
    keyAlgorithm: keyAlgorithm ?? 'RSA_2048',
    createdAt: clock.now(),
  }
  certificates.all.put(certificate.arn, certificate)
  return certificate
}
