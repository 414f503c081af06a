/** What an emulator says of itself: in its ready message, in the file that others find it by, and to `status`. */

import type { RuntimeChoice } from '../runtime/task/runtime-choice.ts'

/** Where an emulator listens. */
export interface Endpoints {
  /** All AWS APIs, and the emulator's own interface below `/_baton`. */
  readonly api: string
  readonly http: string
  readonly https: string
  /** `127.0.0.1:PORT`, UDP and TCP. */
  readonly dns: string
}

export interface EmulatorDescription {
  readonly pid: number
  /** With `pid`, which process is meant: an id alone may be another's by now. Opaque. */
  readonly processStarted?: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly speed: number
  /** AWS's name of the region that it emulates. */
  readonly awsRegion: string
  readonly accountId: string
  readonly endpoints: Endpoints
  /** The authority that every certificate of the emulator comes from, PEM. */
  readonly caFile: string
  /** Credentials of the emulator's administrator. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** What the control API below `/_baton` demands as a bearer token. */
  readonly controlToken: string
}

/** What of it may be shown and passed on. */
export type PublicDescription = Omit<EmulatorDescription, 'credentials' | 'controlToken'>

/** Ports to listen on; 0 takes a free one. */
export interface Ports {
  readonly api: number
  readonly http: number
  readonly https: number
  readonly dns: number
}

export interface EmulatorOptions {
  /** Directory for everything that the emulator keeps; made if it is not there. */
  readonly stateDir: string
  readonly speed: number
  readonly awsRegion: string
  readonly accountId: string
  readonly ports: Ports
  /** False: the emulator ends with the process that started it. */
  readonly detached: boolean
  /** What runs tasks; `auto` where it is not given. */
  readonly runtime?: RuntimeChoice
}

/** What the emulator's process sends to the process that started it. */
export type StartMessage =
  | { readonly type: 'ready'; readonly emulator: EmulatorDescription }
  | { readonly type: 'failed'; readonly message: string; readonly fix: string }
