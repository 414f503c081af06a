/**
 * Where container engines listen, in the order in which Docker's own command looks: `DOCKER_HOST`, the context, then the
 * sockets that engines make by default: Docker, Docker Desktop, Colima, Rancher Desktop, OrbStack, Podman.
 *
 * https://docs.docker.com/reference/cli/docker/#environment-variables
 * https://docs.docker.com/engine/manage-resources/contexts/
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NoEngineError } from './engine-error.ts'

/** PEM. */
export interface EngineTls {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly verify: boolean
}

export interface EngineAddress {
  /** What led to it: `DOCKER_HOST`, `context "colima"`, a path. */
  readonly source: string
  readonly socketPath?: string
  readonly host?: string
  readonly port?: number
  readonly tls?: EngineTls
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly platform: NodeJS.Platform
  readonly uid: number
}

/** One that was named leaves no choice; throws `NoEngineError` where it cannot be understood. */
export function engineAddresses(here: Surroundings): { named: boolean; addresses: EngineAddress[] } {
  const { env } = here
  const named = env.DOCKER_HOST ? addressOf(env.DOCKER_HOST, 'DOCKER_HOST', tlsOfEnvironment(env)) : undefined
  const chosen = named ?? contextAddress(here)
  if (chosen) return { named: true, addresses: [chosen] }
  const container = env.CONTAINER_HOST ? [addressOf(env.CONTAINER_HOST, 'CONTAINER_HOST', undefined)] : []
  const sockets = socketPaths(here).map((socketPath) => ({ source: socketPath, socketPath }))
  return { named: false, addresses: [...container, ...sockets] }
}

function addressOf(text: string, source: string, tls: EngineTls | undefined): EngineAddress {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? []
  if (scheme === 'unix') return { source, socketPath: rest }
  if (scheme === 'npipe') return { source, socketPath: rest.replaceAll('/', '\\') }
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') {
    const url = parsed(`http://${rest}`)
    if (url) {
      const secured = tls ?? (scheme === 'https' ? { verify: true } : undefined)
      const port = Number(url.port) || (secured ? 2376 : 2375)
      return { source, host: url.hostname, port, ...(secured ? { tls: secured } : {}) }
    }
  }
  if (scheme === 'ssh') {
    throw new NoEngineError(
      `${source} names an engine on another machine: ${text}. Tasks mount directories of this machine.`,
      `Use an engine of this machine: unset ${source}, or set it to a local socket (unix:///var/run/docker.sock).`,
    )
  }
  throw new NoEngineError(
    `${source} is no address of a container engine: ${text}.`,
    `Write ${source} as unix:///path/to/docker.sock or tcp://host:port, or unset it.`,
  )
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function tlsOfEnvironment(env: Surroundings['env']): EngineTls | undefined {
  if (!env.DOCKER_CERT_PATH && !env.DOCKER_TLS_VERIFY) return undefined
  return { ...(env.DOCKER_CERT_PATH ? filesOf(env.DOCKER_CERT_PATH) : {}), verify: true }
}

function filesOf(folder: string): Pick<EngineTls, 'ca' | 'cert' | 'key'> {
  const names = (['ca', 'cert', 'key'] as const).filter((name) => existsSync(join(folder, `${name}.pem`)))
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, `${name}.pem`))]))
}

interface ContextFile {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } }
}

function contextAddress({ env, home }: Surroundings): EngineAddress | undefined {
  const folder = env.DOCKER_CONFIG ?? join(home, '.docker')
  const name =
    env.DOCKER_CONTEXT ?? jsonFile<{ currentContext?: string }>(join(folder, 'config.json'))?.currentContext
  if (!name || name === 'default') return undefined
  const id = createHash('sha256').update(name).digest('hex')
  const docker = jsonFile<ContextFile>(join(folder, 'contexts', 'meta', id, 'meta.json'))?.Endpoints?.docker
  if (!docker?.Host) {
    throw new NoEngineError(
      `The Docker context "${name}" does not exist.`,
      'See `docker context ls`, and choose one with `docker context use NAME` or DOCKER_CONTEXT.',
    )
  }
  const tlsFolder = join(folder, 'contexts', 'tls', id, 'docker')
  const tls = existsSync(tlsFolder)
    ? { ...filesOf(tlsFolder), verify: docker.SkipTLSVerify !== true }
    : undefined
  return addressOf(docker.Host, `context "${name}"`, tls)
}

function jsonFile<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

function socketPaths({ env, home, platform, uid }: Surroundings): string[] {
  if (platform === 'win32') return ['\\\\.\\pipe\\docker_engine', '\\\\.\\pipe\\podman-machine-default']
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`
  return [
    '/var/run/docker.sock',
    join(runtime, 'docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.colima/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.lima/docker/sock/docker.sock'),
    join(runtime, 'podman/podman.sock'),
    ...(uid === 0 || platform !== 'linux' ? ['/run/podman/podman.sock'] : []),
    ...machineSockets(join(home, '.local/share/containers/podman/machine')),
  ].filter((path) => existsSync(path))
}

/** Of Podman's virtual machines; their folders differ by version. */
function machineSockets(folder: string): string[] {
  const inside = ['', ...entriesOf(folder)]
  return inside.map((name) => join(folder, name, 'podman.sock'))
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
