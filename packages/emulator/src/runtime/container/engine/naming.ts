/**
 * The names of what an emulator makes in an engine. They carry the mark of its state directory, so that two emulators do
 * not meet, and everything of one is found after a `kill -9`.
 */
import { markVariable, processMark } from '../../process/process-mark.ts'

export interface EmulatorNaming {
  /** Of the state directory: the value of `label`. */
  readonly mark: string
  /** Of its network, and the beginning of the names of its containers. */
  readonly prefix: string
  /** Of its images, without a tag. */
  readonly imageName: string
}

/** The label of every container and network of an emulator; its value is the mark. */
export const emulatorLabel = 'dev.baton.emulator'

/** The label that says to which task a container belongs. */
export const taskLabel = 'dev.baton.task'

export function namingOf(mark: string): EmulatorNaming {
  const short = mark.replaceAll('-', '').slice(0, 12)
  return { mark, prefix: `baton-${short}`, imageName: `localhost/baton-${short}` }
}

/** Of this state directory, whose mark is made at the first use. */
export function emulatorNaming(stateDir: string): EmulatorNaming {
  const value = processMark(stateDir, 'task')[markVariable] ?? ''
  return namingOf(value.replace(/\/task$/, ''))
}

/** As a filter of the Engine API. */
export function filterOf({ mark }: EmulatorNaming): string {
  return JSON.stringify({ label: [`${emulatorLabel}=${mark}`] })
}
