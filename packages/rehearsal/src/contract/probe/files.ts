/** What a task writes outside of its mounts, and whether the tools of its health commands are there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import { broken, kept, notMeasured, type Observation } from '../subject/points.ts'
import { filesBeingWritten, processTree } from './processes.ts'

/** The file system of a container on this machine. */
export interface ContainerFiles {
  /** Where its root is; its programs are found below it. */
  readonly root: string
  /** Where what it wrote is: the upper layer, or the root itself where it shares this machine's files. */
  readonly written: string
  /** False for a process of this machine: the base of its image is not here. */
  readonly isolated: boolean
}

/** Undefined where this machine cannot look into it. */
export function containerFiles(pid: number): ContainerFiles | undefined {
  const mounts = read(`/proc/${pid}/mountinfo`)
  const own = read('/proc/self/mountinfo')
  if (mounts === undefined || own === undefined) return undefined
  const [, upper] = /^\S+ \S+ \S+ \/ \/ .* - overlay .*upperdir=([^,\s]+)/m.exec(mounts) ?? []
  if (mounts !== own) {
    return upper === undefined ? undefined : { root: `/proc/${pid}/root`, written: upper, isolated: true }
  }
  const home = environmentOf(pid).HOME
  return home === undefined ? undefined : { root: home, written: home, isolated: false }
}

/** `since` is in milliseconds of the wall clock. */
export function judgeWrites(
  pid: number,
  files: ContainerFiles | undefined,
  since: number,
  mounts: readonly string[],
): Observation {
  if (!files) return notMeasured('writes-to-mounts-only', 'its files cannot be seen from here')
  const isMount = (path: string) => mounts.some((mount) => path === mount || path.startsWith(`${mount}/`))
  const opened = files.isolated ? [] : filesBeingWritten(processTree(pid)).filter((path) => !isOutput(path))
  const changed = changedSince(files.written, since).map((path) => `/${relative(files.written, path)}`)
  const outside = [...new Set([...changed, ...opened])].filter((path) => !isMount(path))
  return outside.length === 0
    ? kept('writes-to-mounts-only', 'it wrote no file outside of its mounts')
    : broken(
        'writes-to-mounts-only',
        `it wrote ${outside.slice(0, 5).join(', ')}${outside.length > 5 ? ' and more' : ''}`,
      )
}

/** The emulator's own pipes and directories: where the output of a task goes, and its mounts on this machine. */
const isOutput = (path: string) => /\/(pipes|efs|tasks)\//.test(path)

function changedSince(folder: string, since: number): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => statSync(path).mtimeMs > since)
  } catch {
    return []
  }
}

/** What a shell does itself, and what a base that Baton takes has for certain. */
const always = /^(exit|test|\[|true|false|echo|:|kill|cat|node|java|sh)$/

export function judgeHealthCommands(
  containers: readonly ContainerDefinition[],
  name: string,
  files: ContainerFiles | undefined,
): Observation {
  const point = 'health-command-exists'
  const command = containers.find((container) => container.name === name)?.healthCheck?.command
  if (!command) return kept(point, 'it has no health command')
  if (!files) return notMeasured(point, 'its files cannot be seen from here')
  const missing = toolsOf(command).filter((tool) => !always.test(tool) && !isIn(files.root, tool))
  if (missing.length === 0) return kept(point, `${toolsOf(command).join(', ')}: there`)
  const where = files.isolated ? 'its image' : 'its image or the base below it'
  return broken(point, `${command.slice(1).join(' ')} needs ${missing.join(', ')}, which is not in ${where}`)
}

/** The first word of each command of a shell line; of a plain command the program. */
function toolsOf([kind, ...words]: readonly string[]): string[] {
  if (kind !== 'CMD-SHELL') return words.slice(0, 1)
  return words
    .join(' ')
    .split(/\|\||&&|[|;]/)
    .flatMap((part) => part.trim().split(/\s+/)[0] || [])
}

const isIn = (root: string, tool: string) =>
  tool.startsWith('/')
    ? existsSync(join(root, tool))
    : ['bin', 'usr/bin', 'usr/local/bin', 'sbin', 'usr/sbin'].some((folder) =>
        existsSync(join(root, folder, tool)),
      )

function environmentOf(pid: number): Record<string, string> {
  const lines = (read(`/proc/${pid}/environ`) ?? '').split('\0')
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
