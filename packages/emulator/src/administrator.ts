/**
 * The emulator's administrator: the one long-term access key, which is the account's root, and the token of the control
 * API. Both follow from the key of the certificate authority: they are another in every state directory, the same after
 * a restart, and only who may read the state directory knows them.
 */
import type { CertificateAuthority } from './certificate-authority.ts'

export interface AdministratorCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export function administratorCredentials(
  authority: Pick<CertificateAuthority, 'secret'>,
): AdministratorCredentials {
  const id = Buffer.from(authority.secret('administrator access key id'))
  return {
    accessKeyId: `AKIA${[...id.subarray(0, 16)].map((byte) => base32[byte % 32]).join('')}`,
    secretAccessKey: Buffer.from(authority.secret('administrator secret access key'), 'hex')
      .toString('base64url')
      .slice(0, 40),
  }
}

/** What `/_baton` demands as a bearer token. */
export const controlToken = (authority: Pick<CertificateAuthority, 'secret'>): string =>
  authority.secret('control API token')

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
