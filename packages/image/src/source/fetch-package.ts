/**
 * A package for another platform than this machine's, fetched by npm, with npm's own settings of registries. It must be
 * what the lock file says.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { BuildError } from '../build-error.ts'
import { run } from '../program.ts'

/** Files of the package by their path in it. `from` is the folder of a package that needs it. */
export async function fetchPackage(
  name: string,
  version: string,
  from: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-package-'))
  try {
    const parameters = ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent']
    const { code, printed } = await run({ program: 'npm', parameters, folder: from }).catch(
      (error: Error) => ({
        code: 1,
        printed: error.message,
      }),
    )
    const [file] = await readdir(folder)
    if (code !== 0 || file === undefined)
      throw new BuildError(
        `npm could not fetch ${name}@${version}, the native part for the platform of the image: ${printed.trim().split('\n').at(-1)}`,
        'Check the network to npm’s registry; then run the command again.',
      )
    const archive = await readFile(join(folder, file))
    await verify(name, version, from, archive)
    return await unpack(archive)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function verify(name: string, version: string, from: string, archive: Uint8Array): Promise<void> {
  const locked = await lockedIntegrity(name, version, from)
  const actual = `sha512-${createHash('sha512').update(archive).digest('base64')}`
  if (locked === undefined || locked === actual) return
  throw new BuildError(
    `What npm fetched as ${name}@${version} is not what package-lock.json says (${actual})`,
    'Find out who changed the package, or the lock file; then run the command again.',
  )
}

/** From the closest package-lock.json above; undefined without one, or where it does not know the package. */
async function lockedIntegrity(name: string, version: string, from: string): Promise<string | undefined> {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package-lock.json'), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const packages: Record<string, { version?: string; integrity?: string }> = JSON.parse(text).packages ?? {}
    const found = Object.entries(packages).find(
      ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
    )
    return found?.[1].integrity
  }
  return undefined
}

async function unpack(archive: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  const tar = extract()
  tar.end(gunzipSync(archive))
  for await (const entry of tar) {
    const [, ...path] = entry.header.name.split('/')
    const content = await buffer(entry)
    if (entry.header.type === 'file' && !path.includes('..')) files.set(path.join('/'), content)
  }
  return files
}
