/**
 * Faults that a rehearsal asks for, by labels of an image: `dev.baton.fault` names one. The emulator plays it between the
 * load balancer and the task, in front of whatever runs in the task: a process, a container, in any language. So a
 * rehearsal makes a bad version of any image without knowing what is in it. On AWS the labels mean nothing.
 */
import type { StoredImage } from '../../ecr/contract.ts'

/** What each fault makes of a task that has nothing wrong with it. */
const faults = {
  'never-healthy': 'the health check fails',
  'fails-requests': 'the health check passes, and every request fails',
  'ready-too-early': 'the health check passes from the first moment, and requests fail for ten seconds',
  'short-keep-alive': 'a connection that was idle for one second is closed',
  'default-keep-alive': 'a connection that was idle for five seconds is closed, as by a plain Node.js server',
  'exits-at-once': 'on SIGTERM the requests under way are left unanswered',
} as const

export type Fault = keyof typeof faults

/** Label of the fault, and of the version that answers which the emulator gives in the task's place name. */
const labels = { fault: 'dev.baton.fault', version: 'dev.baton.version' } as const

export interface FaultySpec {
  readonly fault: Fault
  /** As the task itself would name it; undefined where the image does not say. */
  readonly version: string | undefined
}

/** Undefined for an image without a fault. */
export function faultOf(image: StoredImage | undefined): FaultySpec | undefined {
  const named = image?.config.config?.Labels ?? {}
  const fault = named[labels.fault]
  if (fault === undefined || !Object.hasOwn(faults, fault)) return undefined
  return { fault: fault as Fault, version: named[labels.version] }
}
