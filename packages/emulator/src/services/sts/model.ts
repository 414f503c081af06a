/** Sessions of roles: whose they are, how they are named, how long they last. */
import { accessDenied, invalidIdentityToken, validationError } from './errors.ts'

export interface Session {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly token: string
  readonly roleArn: string
  readonly sessionName: string
  /** `AROA…:session`, as `GetCallerIdentity` gives it. */
  readonly userId: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function checkAssumption(
  roleArn: string,
  sessionName: string,
  durationSeconds: number,
  accountId: string,
): void {
  const account = /^arn:aws:iam::(\d{12}):role\/[\w+=,.@/-]+$/.exec(roleArn)?.[1]
  if (account === undefined) throw validationError(`${roleArn} is invalid`)
  if (account !== accountId) throw accessDenied('sts:AssumeRole', roleArn)
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw validationError(
      `Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: [\\w+=,.@-]{2,64}`,
    )
  }
  if (durationSeconds < 900 || durationSeconds > 43_200) {
    throw validationError(`The requested DurationSeconds ${durationSeconds} is not between 900 and 43200.`)
  }
}

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>`: the role's path is left out. */
export function assumedRoleArn(roleArn: string, sessionName: string): string {
  const account = roleArn.split(':')[4] ?? ''
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1)
  return `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`
}

export interface WebIdentity {
  readonly subject: string
  readonly audience: string
  readonly provider: string
}

/** The claims of a web identity token; its signature is not verified (see index.ts). */
export function webIdentity(token: string): WebIdentity {
  const payload = token.split('.')[1]
  if (payload === undefined) throw invalidIdentityToken('The ID Token provided is not a valid JWT.')
  let claims: Record<string, unknown>
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    throw invalidIdentityToken('Unable to parse the token, check if it is a valid JWT.')
  }
  const { sub, aud, iss } = claims
  if (typeof sub !== 'string' || typeof iss !== 'string')
    throw invalidIdentityToken('Missing a required claim: sub')
  return { subject: sub, audience: String(aud ?? ''), provider: iss.replace(/^https:\/\//, '') }
}
