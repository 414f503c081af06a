/** STS's API. https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-sts'
import type { Operations } from '../../protocol/operations.ts'
import { assumedRoleArn, checkAssumption, webIdentity } from './model.ts'
import type { StsState } from './state.ts'

const HOUR_SECONDS = 3600

export function createOperations(state: StsState, accountId: string) {
  const assume = (roleArn: string, sessionName: string, durationSeconds: number) => {
    checkAssumption(roleArn, sessionName, durationSeconds, accountId)
    const session = state.issue(roleArn, sessionName, durationSeconds)
    return {
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        SessionToken: session.token,
        Expiration: new Date(session.expiresAt),
      },
      AssumedRoleUser: { AssumedRoleId: session.userId, Arn: assumedRoleArn(roleArn, sessionName) },
      PackedPolicySize: 0,
    }
  }
  return {
    GetCallerIdentity: (_input, { principal }) => ({
      Account: accountId,
      Arn: principal.arn,
      UserId: state.session(principal.accessKeyId)?.userId ?? accountId,
    }),
    AssumeRole: ({ RoleArn = '', RoleSessionName = '', DurationSeconds = HOUR_SECONDS }) =>
      assume(RoleArn, RoleSessionName, DurationSeconds),
    AssumeRoleWithWebIdentity({
      RoleArn = '',
      RoleSessionName = '',
      WebIdentityToken = '',
      DurationSeconds = HOUR_SECONDS,
    }) {
      const { subject, audience, provider } = webIdentity(WebIdentityToken)
      return {
        ...assume(RoleArn, RoleSessionName, DurationSeconds),
        SubjectFromWebIdentityToken: subject,
        Audience: audience,
        Provider: provider,
      }
    },
    GetAccessKeyInfo: () => ({ Account: accountId }),
  } satisfies Operations<typeof sdk>
}
