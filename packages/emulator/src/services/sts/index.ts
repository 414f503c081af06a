/**
 * STS: who is calling, and temporary credentials of roles, with which the wire layer verifies signatures.
 *
 * - Gaps: trust policies are not evaluated and web identity tokens are not verified (signature, audience, age):
 *   any caller gets a session of any role of the account. `GetSessionToken`, `GetFederationToken` and SAML are
 *   refused by name. Session policies and tags are ignored.
 * - By design: credentials last as long as AWS says by the wall clock, at any speed.
 */
import { randomBytes } from 'node:crypto'
import * as sdk from '@aws-sdk/client-sts'
import { administratorCredentials } from '../../administrator.ts'
import type { EmulatorContext } from '../../service.ts'
import type { Sts } from './contract.ts'
import { assumedRoleArn, type Session } from './model.ts'
import { createOperations, type Sessions } from './operations.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
const TASK_SESSION_SECONDS = 6 * 3600

export function createSts(context: EmulatorContext): Sts {
  const { accountId, clock, ids } = context
  const administrator = administratorCredentials(context.authority)
  const stored = context.store.collection<Session>('sts.sessions')
  const sessions: Sessions = {
    get: (accessKeyId) => stored.get(accessKeyId),
    issue(roleArn, sessionName, durationSeconds) {
      for (const [key, { expiresAt }] of stored.entries())
        if (expiresAt < clock.now() - DAY_MS) stored.delete(key)
      const session = {
        accessKeyId: ids.upper('ASIA', 16),
        secretAccessKey: randomBytes(30).toString('base64'),
        token: randomBytes(180).toString('base64'),
        roleArn,
        sessionName,
        userId: `${ids.upper('AROA', 17)}:${sessionName}`,
        expiresAt: clock.now() + durationSeconds * 1000,
      }
      stored.put(session.accessKeyId, session)
      return session
    },
  }
  return {
    name: 'sts',
    api: {
      signingName: 'sts',
      protocol: 'query',
      sdk,
      operations: createOperations(sessions, accountId),
      anonymous: (operation) => operation === 'AssumeRoleWithWebIdentity',
    },
    sessionCredentials(roleArn, sessionName, durationSeconds = TASK_SESSION_SECONDS) {
      const session = sessions.issue(roleArn, sessionName, durationSeconds)
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
      const session = stored.get(accessKeyId)
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

/** Sessions that are over are known for a day, so that their callers hear why. */
const DAY_MS = 24 * 3_600_000
