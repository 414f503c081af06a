/**
 * Certificates: what was asked for, how its names are validated, and whether it is issued.
 *
 * DNS validation is one CNAME per name, the same for a domain and its wildcard, and the same in every region:
 * "If you request certificates for the same domain in several Regions, they share the CNAME record"
 * (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html). So it is derived from account and domain.
 */
import { createHash } from 'node:crypto'
import type { CertificateAuthority } from '../../certificate-authority.ts'
import type { Collection, Store } from '../../store.ts'

export interface Certificate {
  readonly arn: string
  readonly region: string
  readonly domainName: string
  /** The domain name first, then the others in the order in which they were given. */
  readonly names: readonly string[]
  readonly keyAlgorithm: string
  readonly createdAt: number
  readonly tags?: Readonly<Record<string, string>>
  /** Whether it goes into the transparency logs that there are not here. */
  readonly transparency?: 'ENABLED' | 'DISABLED'
  /** Of the request that made it: the same one again makes no other. */
  readonly idempotencyToken?: string
  /** Present once it is ISSUED. */
  readonly issued?: { readonly at: number; readonly key: string; readonly cert: string }
}

export interface ValidationRecord {
  readonly domainName: string
  /** Absolute, with a trailing dot, as ACM gives it. */
  readonly name: string
  readonly value: string
}

/** One record per name of the certificate; names that differ by a wildcard only have equal records. */
export function validationRecords(accountId: string, names: readonly string[]): ValidationRecord[] {
  return names.map((domainName) => {
    const domain = domainName.replace(/^\*\./, '').toLowerCase()
    const digest = (purpose: string) =>
      createHash('sha256').update(`${accountId} ${domain} ${purpose}`).digest('hex')
    const name = `_${digest('name').slice(0, 32)}.${domain}.`
    return {
      domainName,
      name,
      value: `_${digest('value').slice(0, 32)}.${letters(digest('zone'))}.acm-validations.aws.`,
    }
  })
}

/** ACM's validation values carry ten letters before their domain. */
function letters(digest: string): string {
  return [...digest.slice(0, 10)].map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)]).join('')
}

export interface AcmState {
  readonly all: Collection<Certificate>
  /** Records that are missing or wrong in Route 53; empty when every name is proven. */
  missing(certificate: Certificate): ValidationRecord[]
  /** Issues it if every name is proven; the certificate as it is afterwards. */
  validate(arn: string): Promise<Certificate | undefined>
}

export function createState(dependencies: {
  accountId: string
  store: Store
  authority: CertificateAuthority
  now: () => number
  /** Values of a CNAME record in the emulator's hosted zones. */
  cname: (name: string) => readonly string[]
}): AcmState {
  const { accountId, authority, now, cname } = dependencies
  const all: Collection<Certificate> = dependencies.store.collection('acm.certificates')
  const absolute = (name: string) => (name.endsWith('.') ? name : `${name}.`).toLowerCase()
  const missing = (certificate: Certificate) =>
    validationRecords(accountId, certificate.names).filter(
      ({ name, value }) => !cname(name).map(absolute).includes(value),
    )
  return {
    all,
    missing,
    async validate(arn) {
      const certificate = all.get(arn)
      if (certificate === undefined || certificate.issued || missing(certificate).length > 0)
        return certificate
      const material = await authority.issue(certificate.names)
      const current = all.get(arn)
      // Deleted, or issued by another call, while the authority worked.
      if (current === undefined || current.issued !== undefined) return current
      const issued = { ...current, issued: { at: now(), ...material } }
      all.put(arn, issued)
      return issued
    },
  }
}
