/**
 * The processes of a container as this machine sees them: what its first process is, on which addresses it listens, and
 * which files it has open for writing. Linux tells it below `/proc`; elsewhere nothing is known.
 * https://man7.org/linux/man-pages/man5/proc.5.html
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface ListeningSocket {
  readonly address: string
  readonly port: number
}

/** The command line of a process; undefined where it cannot be read. */
export function commandLine(pid: number): readonly string[] | undefined {
  const text = read(`/proc/${pid}/cmdline`)
  return text === undefined ? undefined : text.split('\0').filter((word) => word !== '')
}

/** The process and all that it started. */
export function processTree(pid: number): number[] {
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? '').trim()
  return [
    pid,
    ...children
      .split(' ')
      .filter(Boolean)
      .flatMap((child) => processTree(Number(child))),
  ]
}

/** Where these processes accept connections. */
export function listeningSockets(pids: readonly number[]): ListeningSocket[] {
  const inodes = new Set(
    pids.flatMap((pid) => openFiles(pid).flatMap(({ path }) => /^socket:\[(\d+)\]$/.exec(path)?.[1] ?? [])),
  )
  const [first] = pids
  const tables = ['tcp', 'tcp6'].map((table) => read(`/proc/${first}/net/${table}`) ?? '')
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1)
      .flatMap((line) => listeningOf(line, inodes)),
  )
}

/** State of a socket that accepts connections, in the kernel's table. */
const listen = '0A'

function listeningOf(line: string, inodes: ReadonlySet<string>): ListeningSocket[] {
  const fields = line.trim().split(/\s+/)
  const [, local = '', , state] = fields
  const inode = fields[9]
  if (state !== listen || inode === undefined || !inodes.has(inode)) return []
  const [hex = '', port = ''] = local.split(':')
  return [{ address: addressOf(hex), port: Number.parseInt(port, 16) }]
}

/** The kernel writes addresses in the order of the machine's bytes. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse())
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
  if (bytes.every((byte) => byte === '00')) return '::'
  const mapped = /^0{20}F{4}/i.test(bytes.join(''))
  if (mapped)
    return bytes
      .slice(12)
      .map((byte) => Number.parseInt(byte, 16))
      .join('.')
  return bytes.slice(0, 15).every((byte) => byte === '00') ? '::1' : bytes.join('')
}

interface OpenFile {
  readonly path: string
  readonly writable: boolean
}

function openFiles(pid: number): OpenFile[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const path = readlinkSync(`/proc/${pid}/fd/${fd}`)
        const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(read(`/proc/${pid}/fdinfo/${fd}`) ?? '') ?? []
        return [{ path, writable: (Number.parseInt(flags, 8) & 3) !== 0 }]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** Regular files that these processes have open for writing. */
export function filesBeingWritten(pids: readonly number[]): string[] {
  const paths = pids.flatMap(openFiles).filter(({ path, writable }) => writable && path.startsWith('/'))
  return [...new Set(paths.map(({ path }) => path))].filter((path) => !/^\/(dev|proc|sys|memfd:)/.test(path))
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
