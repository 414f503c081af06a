/**
 * STS: who is calling, and temporary credentials of roles, with which the wire layer verifies signatures.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-sts'
import { administratorCredentials } from '../../administrator.ts'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Sts } from './contract.ts'
import { assumedRoleArn } from './model.ts'
import { createOperations } from './operations.ts'
import { createState } from './state.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
const TASK_SESSION_SECONDS = 6 * 3600

export function createSts(context: EmulatorContext): Sts {
  const { accountId, clock } = context
  const administrator = administratorCredentials(context.authority)
  const state = createState(context)
  return {
    name: 'sts',
    behaviours,
    api: {
      signingName: 'sts',
      protocol: 'query',
      sdk,
      operations: createOperations(state, accountId),
      anonymous: (operation) => operation === 'AssumeRoleWithWebIdentity',
    },
    sessionCredentials(roleArn, sessionName, durationSeconds = TASK_SESSION_SECONDS) {
      const session = state.issue(roleArn, sessionName, durationSeconds)
      return {
        RoleArn: roleArn,
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        Token: session.token,
        Expiration: new Date(session.expiresAt).toISOString(),
      }
    },
    credentials(accessKeyId) {
      if (accessKeyId === administrator.accessKeyId) {
        return {
          principal: { accessKeyId, arn: `arn:aws:iam::${accountId}:root` },
          secretAccessKey: administrator.secretAccessKey,
        }
      }
      const session = state.session(accessKeyId)
      return (
        session && {
          principal: { accessKeyId, arn: assumedRoleArn(session.roleArn, session.sessionName) },
          secretAccessKey: session.secretAccessKey,
          sessionToken: session.token,
          isExpired: session.expiresAt < clock.now(),
        }
      )
    },
  }
}
