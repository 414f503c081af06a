/** From a site's sources to the folder that a release uploads, by the site's own build command. */
import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { Site } from '@baton/config'
import { ReleaseError } from '../release-error.ts'

export interface SiteBuildOptions {
  readonly version: string
  /** Where the built site is to be; what is there is replaced once the build has succeeded. */
  readonly folder: string
  /** Ends the build and all that it has started. */
  readonly signal?: AbortSignal
}

/**
 * Runs a site's own build command with the version in `VITE_APP_VERSION` and, in `BATON_OUT_DIR`, a folder that no
 * other build uses: versions that are built at the same time, by one process or by two, do not meet. A build that
 * leaves the folder empty does not know the variable; what it put into `build.output` is taken then. Throws
 * `build-failed` with the end of what the command printed.
 */
export async function buildSite(site: Site, { version, folder, signal }: SiteBuildOptions): Promise<string> {
  await mkdir(dirname(folder), { recursive: true })
  const built = await mkdtemp(`${folder}.building-`)
  try {
    const environment = { VITE_APP_VERSION: version, BATON_OUT_DIR: built }
    const { command, output } = site.build
    const { code, printed } = await run(command, site.source, environment, signal)
    signal?.throwIfAborted()
    if (code !== 0) throw failed(site, `failed (${command} in ${site.source}):\n${printed.slice(-2_000)}`)
    if (await isEmpty(built)) {
      const place = resolve(site.source, output)
      if (await isEmpty(place)) throw failed(site, `left nothing in ${place} (${command} in ${site.source})`)
      await cp(place, built, { recursive: true })
    }
    // mkdtemp makes it for its owner alone.
    await chmod(built, 0o755)
    await moveInto(folder, built)
    return folder
  } finally {
    await rm(built, { recursive: true, force: true })
  }
}

function failed(site: Site, what: string): ReleaseError {
  return new ReleaseError(
    'build-failed',
    `The build of the site ${site.name} ${what}`,
    'Fix the build; nothing has been released.',
  )
}

const isEmpty = async (folder: string) => (await readdir(folder).catch(() => [])).length === 0

/** Another build of the same version may get there in between: the last one stays. */
async function moveInto(folder: string, built: string): Promise<void> {
  for (;;) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    try {
      return await rename(built, folder)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    }
  }
}

/** In its own process group, so that ending the group ends all that the command has started. */
function run(
  command: string,
  cwd: string,
  environment: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; printed: string }> {
  signal?.throwIfAborted()
  const path = [join(cwd, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  return new Promise((done, reject) => {
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: true,
      env: { ...process.env, ...environment, PATH: path },
    })
    const end = () => child.pid !== undefined && endGroup(child.pid)
    signal?.addEventListener('abort', end)
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => {
      signal?.removeEventListener('abort', end)
      done({ code, printed })
    })
  })
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
