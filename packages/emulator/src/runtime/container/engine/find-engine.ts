/**
 * Finds the container engine of this machine, and what has to be known of it: which one it is, for which architecture its
 * kernel runs programs, and whether it is this machine's own or in a virtual machine.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { homedir, release } from 'node:os'
import { delimiter, join } from 'node:path'
import { type EngineAddress, engineAddresses, type Surroundings } from './engine-address.ts'
import { createEngineClient, type EngineClient } from './engine-client.ts'
import { NoEngineError } from './engine-error.ts'

export interface Engine {
  readonly client: EngineClient
  readonly name: 'Docker' | 'Podman'
  readonly version: string
  /** As image configurations spell it. */
  readonly architecture: string
  readonly cpus: number
  /** Whether its containers run on this machine's kernel: then they share directories, sockets and processes with it. */
  readonly isLocal: boolean
  readonly isRootless: boolean
  /** Docker Desktop and the like run programs of other architectures as well. */
  readonly emulatesArchitectures: boolean
}

/** Long, because Podman starts programs to answer, and the machine may be busy. */
const pingTimeoutMs = 20_000

/** What this process sees. */
function surroundings(): Surroundings {
  return { env: process.env, home: homedir(), platform: process.platform, uid: process.getuid?.() ?? 0 }
}

/** Throws `NoEngineError`, which says what was looked for and what to install or to start. */
export async function findEngine(here: Surroundings = surroundings()): Promise<Engine> {
  const { named, addresses } = engineAddresses(here)
  const failures: string[] = []
  for (const address of addresses) {
    try {
      return await connectEngine(address)
    } catch (error) {
      failures.push(`${address.source}: ${reasonOf(error)}`)
      if (isCode(error, 'EACCES')) throw noPermission(address, here)
    }
  }
  if (named) {
    throw new NoEngineError(
      `The container engine does not answer (${failures.join('; ')}).`,
      `Start it, or correct ${addresses[0]?.source}.`,
    )
  }
  throw noEngine(here, failures)
}

/** Asks the engine at this address what it is. Throws the system's error, or the engine's. */
export async function connectEngine(address: EngineAddress): Promise<Engine> {
  const client = createEngineClient(address)
  try {
    const [info, version] = await Promise.all([
      client.call<EngineInfo>('GET', '/info', { timeoutMs: pingTimeoutMs }),
      client.call<EngineVersion>('GET', '/version', { timeoutMs: pingTimeoutMs }),
    ])
    return engineOf(client, info, version)
  } catch (error) {
    client.close()
    throw error
  }
}

interface EngineInfo {
  readonly KernelVersion?: string
  readonly OperatingSystem?: string
  readonly OSType?: string
  readonly Architecture?: string
  readonly NCPU?: number
  readonly SecurityOptions?: readonly string[]
  readonly Rootless?: boolean
}

interface EngineVersion {
  readonly Version?: string
  readonly Components?: readonly { readonly Name?: string }[]
}

function engineOf(client: EngineClient, info: EngineInfo, version: EngineVersion): Engine {
  if (info.OSType !== undefined && info.OSType !== 'linux') {
    throw new NoEngineError(
      `The container engine at ${client.address.source} runs containers of ${info.OSType}, not of Linux.`,
      'Switch it to Linux containers.',
    )
  }
  const isPodman = version.Components?.some(({ Name }) => Name === 'Podman Engine') ?? false
  const isLocal = process.platform === 'linux' && info.KernelVersion === release()
  return {
    client,
    name: isPodman ? 'Podman' : 'Docker',
    version: version.Version ?? 'unknown',
    architecture: imageArchitecture(info.Architecture ?? ''),
    cpus: info.NCPU ?? 1,
    isLocal,
    isRootless:
      info.Rootless === true || (info.SecurityOptions ?? []).some((option) => /rootless/.test(option)),
    emulatesArchitectures: !isLocal && /desktop|orbstack/i.test(info.OperatingSystem ?? ''),
  }
}

function imageArchitecture(machine: string): string {
  return { x86_64: 'amd64', aarch64: 'arm64', arm64: 'arm64' }[machine] ?? machine
}

function noPermission({ source, socketPath }: EngineAddress, { env }: Surroundings): NoEngineError {
  return new NoEngineError(
    `You may not use the container engine at ${socketPath ?? source}.`,
    `Add your user to its group, e.g. \`sudo usermod -aG docker ${env.USER ?? 'USER'}\`, and log in again.`,
  )
}

function noEngine(here: Surroundings, failures: readonly string[]): NoEngineError {
  const tried = failures.length > 0 ? ` (${failures.join('; ')})` : ''
  if (programPath(here, 'podman') !== undefined && here.platform === 'linux') {
    const command = here.uid === 0 ? 'systemctl start podman.socket' : 'systemctl --user start podman.socket'
    return new NoEngineError(
      `Podman is installed, and its API is not served${tried}.`,
      `Start it: ${command}; without systemd: podman system service --time=0 &`,
    )
  }
  if (programPath(here, 'podman') !== undefined) {
    return new NoEngineError(
      `Podman is installed, and its virtual machine does not run${tried}.`,
      'Start it: podman machine start',
    )
  }
  if (programPath(here, 'docker') !== undefined) {
    return new NoEngineError(
      `Docker is installed, and its engine does not run${tried}.`,
      here.platform === 'linux'
        ? 'Start it: sudo systemctl start docker'
        : 'Start Docker Desktop, or: colima start',
    )
  }
  return new NoEngineError(
    `There is no container engine on this machine${tried}.`,
    here.platform === 'linux'
      ? 'Install Docker Engine or Podman (Debian, Ubuntu: sudo apt-get install podman).'
      : 'Install Docker Desktop, Colima or Podman, and start it.',
  )
}

/** Where a program is on the path; undefined where it is not. */
function programPath({ env }: Pick<Surroundings, 'env'>, name: string): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return existsSync(file)
  } catch {
    return false
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
