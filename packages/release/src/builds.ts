/**
 * From sources to what a release takes: an image per service and for the migrations, a folder per site. Builds
 * know the version, and carry it where clients and operators can see it.
 */
import { spawn } from 'node:child_process'
import { cp, mkdir, rm } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import type { Platform, Service, Site } from '@baton/config'
import { type BuildImage, buildImage, type Image } from '@baton/image'
import { ReleaseError } from './release-error.ts'

export interface BuildOptions {
  readonly version: string
  /** Image below the services; `scratch` for a region, whose tasks run on this machine's own Node.js. */
  readonly base?: BuildImage['base']
  /** Folder where layers are kept and found again. */
  readonly cacheDir: string
}

const architectures = { ARM64: 'arm64', X86_64: 'amd64' } as const

/** Builds a service's image; it names its version in `APP_VERSION`. */
export function buildService(service: Service, options: BuildOptions): Promise<Image> {
  return buildImage({
    source: service.source,
    entry: service.entry,
    architecture: architectures[service.architecture],
    environment: { APP_VERSION: options.version },
    labels: { 'org.opencontainers.image.version': options.version },
    cacheDir: options.cacheDir,
    ...(options.base ? { base: options.base } : {}),
  })
}

/** Builds the image of the one-off task that migrates the database. */
export function buildMigrations(platform: Platform, options: BuildOptions): Promise<Image> {
  const { source, entry } = platform.database.migrations
  return buildImage({
    source,
    entry,
    architecture: architectures[platform.services[0]?.architecture ?? 'ARM64'],
    environment: { APP_VERSION: options.version },
    labels: { 'org.opencontainers.image.version': options.version },
    cacheDir: options.cacheDir,
    ...(options.base ? { base: options.base } : {}),
  })
}

/**
 * Runs a site's own build command with the version in `VITE_APP_VERSION` and copies what it built to `folder`.
 * Throws `build-failed` with the end of what the command printed.
 */
export async function buildSite(site: Site, version: string, folder: string): Promise<string> {
  const { code, output } = await run(site.build.command, site.source, { VITE_APP_VERSION: version })
  if (code !== 0) {
    throw new ReleaseError(
      'build-failed',
      `The build of the site ${site.name} failed (${site.build.command} in ${site.source}):\n${output.slice(-2_000)}`,
      'Mend the build; nothing has been released.',
    )
  }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(resolve(site.source, site.build.output), folder, { recursive: true })
  return folder
}

function run(
  command: string,
  cwd: string,
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const path = [join(cwd, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  return new Promise((done, reject) => {
    const child = spawn(command, { cwd, shell: true, env: { ...process.env, ...environment, PATH: path } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => done({ code, output }))
  })
}
