/**
 * The mark by which an emulator recognises its processes. Every process that it starts carries the mark of its state
 * directory in its environment, and passes it on to the processes that it starts in turn. So after a `kill -9` of the
 * emulator all of them are found: those too whose id was not recorded yet, and those that left their process group.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type ProcessKind = 'task' | 'function' | 'database'

/** Environment variable that carries the mark. */
export const markVariable = 'BATON_EMULATOR'
const fileName = 'process-mark'

/** The variable that marks a process; the mark is made at the first use. */
export function processMark(stateDir: string, kind: ProcessKind): Readonly<Record<string, string>> {
  return { [markVariable]: `${readMark(stateDir) ?? makeMark(stateDir)}/${kind}` }
}

/** Whether this directory is where its emulator began, and no copy of that: what a copy names is the original's. */
export const isOriginal = (stateDir: string): boolean => readMark(stateDir) !== undefined

/** Undefined where the file came with a copy of another directory: the processes of that one are not ours to end. */
export function readMark(stateDir: string): string | undefined {
  const text = attempt(() => readFileSync(join(stateDir, fileName), 'utf8'))
  const [mark, place] = text?.trim().split(' ') ?? []
  return mark && place === attempt(() => placeOf(stateDir)) ? mark : undefined
}

/** What a directory keeps when it is moved, and its copy does not have. */
function placeOf(stateDir: string): string {
  const { dev, ino } = statSync(stateDir, { bigint: true })
  return `${dev}:${ino}`
}

/** Written beside and moved, so that a file that is there is whole. */
function makeMark(stateDir: string): string {
  const mark = randomUUID()
  mkdirSync(stateDir, { recursive: true })
  const file = join(stateDir, fileName)
  writeFileSync(`${file}.new`, `${mark} ${placeOf(stateDir)}`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return mark
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
