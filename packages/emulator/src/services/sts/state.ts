/** The sessions that STS has issued. */
import { randomBytes } from 'node:crypto'
import type { EmulatorContext } from '../../service.ts'
import type { Session } from './model.ts'

export interface StsState {
  session(accessKeyId: string): Session | undefined
  issue(roleArn: string, sessionName: string, durationSeconds: number): Session
}

/** An expired session is kept for a day, so that its client gets the right error. */
const keptMs = 24 * 3_600_000

export function createState({ clock, ids, store }: EmulatorContext): StsState {
  const sessions = store.collection<Session>('sts.sessions')
  return {
    session: (accessKeyId) => sessions.get(accessKeyId),
    issue(roleArn, sessionName, durationSeconds) {
      for (const [key, { expiresAt }] of sessions.entries())
        if (expiresAt < clock.now() - keptMs) sessions.delete(key)
      const session = {
        accessKeyId: ids.upper('ASIA', 16),
        secretAccessKey: randomBytes(30).toString('base64'),
        token: randomBytes(180).toString('base64'),
        roleArn,
        sessionName,
        userId: `${ids.upper('AROA', 17)}:${sessionName}`,
        expiresAt: clock.now() + durationSeconds * 1000,
      }
      sessions.put(session.accessKeyId, session)
      return session
    },
  }
}
