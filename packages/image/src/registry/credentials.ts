/**
 * Who asks a registry: what `docker login`, `podman login` and credential helpers left on this machine.
 *
 * Read are `REGISTRY_AUTH_FILE`, Podman's `auth.json`, and Docker's `config.json` (`DOCKER_CONFIG`), in this order; the
 * first that knows the registry counts. https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
 */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { RegistryError } from './registry.ts'

export interface Credentials {
  readonly username?: string
  readonly password?: string
  /** An OAuth 2 refresh token, which a registry's own log-in leaves in place of a password. */
  readonly identityToken?: string
}

interface AuthFile {
  readonly auths?: Readonly<
    Record<
      string,
      { auth?: string; username?: string; password?: string; identitytoken?: string } | undefined
    >
  >
  readonly credHelpers?: Readonly<Record<string, string | undefined>>
  readonly credsStore?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Credentials for a repository of a registry; empty where none are stored. Throws where a file or helper is broken. */
export async function findCredentials(
  host: string,
  repository: string,
  environment: Environment = process.env,
): Promise<Credentials> {
  for (const file of authFiles(environment)) {
    const content = await readAuthFile(file)
    const found = content && (await lookUp(content, keysOf(host, repository), file, environment))
    if (found) return found
  }
  return {}
}

function authFiles(environment: Environment): string[] {
  const home = environment.HOME ?? homedir()
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, DOCKER_CONFIG } = environment
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
    join(XDG_CONFIG_HOME ?? join(home, '.config'), 'containers', 'auth.json'),
    join(DOCKER_CONFIG ?? join(home, '.docker'), 'config.json'),
  ]
}

async function readAuthFile(file: string): Promise<AuthFile | undefined> {
  let content: string
  try {
    content = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new RegistryError(`Cannot read ${file}: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(content) ?? {}
  } catch {
    throw new RegistryError(`${file} is no JSON`, {
      fix: 'Log in to the registry again, or remove the file.',
    })
  }
}

/** From the closest to the widest: a repository, its parents, the registry, and the registry as Docker wrote it. */
function keysOf(host: string, repository: string): string[] {
  const isHub = host === 'registry-1.docker.io'
  const name = isHub ? 'docker.io' : host
  const parts = repository.split('/')
  const paths = parts.map((_, index) => `${name}/${parts.slice(0, parts.length - index).join('/')}`)
  const hub = isHub ? ['https://index.docker.io/v1/', 'index.docker.io', host] : []
  return [
    ...paths,
    name,
    `https://${name}`,
    `https://${name}/`,
    `https://${name}/v1/`,
    `https://${name}/v2/`,
    ...hub,
  ]
}

async function lookUp(
  file: AuthFile,
  keys: readonly string[],
  path: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  for (const key of keys) {
    const helper = file.credHelpers?.[key]
    const helped = helper && (await askHelper(helper, key, path, environment))
    if (helped) return helped
    const entry = file.auths?.[key]
    if (entry === undefined) continue
    // With a store, Docker leaves an empty entry that says which registries the store knows.
    const stored = file.credsStore && (await askHelper(file.credsStore, key, path, environment))
    if (stored) return stored
    const [, username = entry.username, password = entry.password] =
      /^([^:]*):(.*)$/s.exec(atob(entry.auth ?? '')) ?? []
    if (entry.identitytoken) return { identityToken: entry.identitytoken }
    if (username) return { username, password: password ?? '' }
  }
  return undefined
}

/** https://github.com/docker/docker-credential-helpers: the registry's name in, JSON out. */
async function askHelper(
  helper: string,
  key: string,
  file: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...environment } })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // A helper that ends without reading.
  child.stdin.on('error', () => {})
  child.stdin.end(key)
  try {
    const [output, code] = await Promise.all([text(child.stdout), ended])
    if (code !== 0) return undefined
    const { Username, Secret } = JSON.parse(output) as { Username?: string; Secret?: string }
    if (!Secret) return undefined
    return Username === '<token>' ? { identityToken: Secret } : { username: Username ?? '', password: Secret }
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'is not installed'
        : 'gave no answer that can be read'
    throw new RegistryError(`${file} names the credential helper ${program} for ${key}, which ${reason}`, {
      fix: `Install ${program}, or remove it from the file and log in again.`,
      cause: error,
    })
  }
}
