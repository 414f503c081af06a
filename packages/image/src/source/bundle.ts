/**
 * A TypeScript service as files for an image: one `server.js` with all of its dependencies, and its assets.
 *
 * One file starts faster than a thousand and needs no `node_modules` in the image, but for packages with native parts. What is not JavaScript (SQL of
 * migrations, templates) is named by the package itself, as paths relative to its folder:
 *
 *     "baton": { "assets": ["sql"] }
 *
 * in its `package.json`; they are copied beside `server.js` under the same names.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Plugin } from 'rolldown'
import { BuildError } from '../build-error.ts'
import {
  hasBinaries,
  type InstalledPackage,
  isNative,
  type NativeTarget,
  packageFiles,
  packageOf,
} from './native-packages.ts'

/** Content by path relative to the working directory. */
export type Files = Map<string, string | Uint8Array>

/** Bundles `entry` (relative to `source`) and collects the assets of the package, and native packages for the target. */
export async function bundleService(source: string, entry: string, target = machine): Promise<Files> {
  const files: Files = new Map()
  const { code, native } = await bundle(resolve(source, entry), target)
  files.set('server.js', code)
  for (const [path, content] of await packageFiles(native, target)) files.set(path, content)
  // Node takes `server.js` for a module only if the nearest package.json says so.
  files.set('package.json', `${JSON.stringify({ private: true, type: 'module' })}\n`)
  for (const asset of await assetsOf(source)) await collect(source, asset, files)
  return files
}

const machine: NativeTarget = { cpu: process.arch, isForMachine: true }

async function bundle(
  input: string,
  target: NativeTarget,
): Promise<{ code: string; native: readonly InstalledPackage[] }> {
  if (!(await exists(input)))
    throw new BuildError(
      `There is no entry module ${input}`,
      'Correct `entry` of the service, or write the module.',
    )
  // Loaded late: commands that build nothing do without its native part, which npm may have left out.
  const { rolldown } = await import('rolldown')
  const native = new Map<string, InstalledPackage>()
  const bundler = await rolldown({
    input,
    plugins: [nativeParts(native, target)],
    // Paths in comments are relative to it: the same source gives the same bytes in any checkout.
    cwd: dirname(input),
    platform: 'node',
    // A user cannot act on a warning about a dependency's style, but can on what cannot be resolved.
    onLog(level, log, forward) {
      if (log.code === 'UNRESOLVED_IMPORT')
        throw new BuildError(
          `${input}: ${log.message}`,
          'Install the package (`npm install`), or correct the import.',
        )
      if (level !== 'warn') forward(level, log)
    },
  })
  try {
    const { output } = await bundler.generate({
      format: 'esm',
      codeSplitting: false,
      comments: { legal: false },
    })
    const chunk = output.find((each) => each.type === 'chunk')
    if (chunk?.type !== 'chunk') throw new Error(`${input} bundled to nothing`)
    return { code: chunk.code, native: [...native.values()] }
  } finally {
    await bundler.close()
  }
}

/** Leaves packages with native parts out of the bundle, and notes them. */
function nativeParts(native: Map<string, InstalledPackage>, target: NativeTarget): Plugin {
  return {
    name: 'native-parts',
    async resolveId(id, importer) {
      if (id.endsWith('.node') && importer !== undefined)
        throw new BuildError(
          `${importer} loads ${id}, which is compiled for this machine`,
          'Put it into a package with binaries for each platform, or build the service by a `dockerfile`.',
        )
      const isOfPackage = /^(?!node:)(@[\w.-]+\/)?[\w.-]+(\/|$)/.test(id)
      if (importer === undefined || !isOfPackage || isBuiltin(id)) return null
      const resolved = await this.resolve(id, importer, { skipSelf: true })
      const isOptional = await isOptionalFor(importer, id)
      // Such as `pg-native`, which a library asks for in a try/catch, and does without.
      if (resolved === null || resolved.external) return isOptional ? { id, external: true } : null
      const found = await packageOf(resolved.id)
      if (found === undefined || !isNative(found)) return null
      if (!isOptional || hasBinaries(found, target)) native.set(found.folder, found)
      return { id, external: true }
    },
  }
}

/** Whether the package of the importer says that it does without the other one. */
async function isOptionalFor(importer: string, id: string): Promise<boolean> {
  const file = (await packageOf(importer))?.file
  const name = id.split('/', id.startsWith('@') ? 2 : 1).join('/')
  return (
    file?.optionalDependencies?.[name] !== undefined || file?.peerDependenciesMeta?.[name]?.optional === true
  )
}

async function assetsOf(source: string): Promise<string[]> {
  const file = join(source, 'package.json')
  if (!(await exists(file))) return []
  const declared: unknown = JSON.parse(await readFile(file, 'utf8')).baton?.assets ?? []
  if (Array.isArray(declared) && declared.every((path) => typeof path === 'string' && !path.includes('..')))
    return declared
  throw new BuildError(
    `${file}: "baton.assets" must be a list of paths inside of the package`,
    'Write them like ["sql", "templates/mail.html"].',
  )
}

/** Adds the file or all files of the folder `path`, relative to `root`. */
export async function collect(root: string, path: string, files: Files): Promise<void> {
  const absolute = join(root, path)
  if (!(await exists(absolute)))
    throw new BuildError(
      `There is no ${absolute}, which package.json names as an asset`,
      'Correct "baton.assets", or create the file.',
    )
  if ((await stat(absolute)).isFile()) {
    files.set(path, await readFile(absolute))
    return
  }
  for (const entry of (await readdir(absolute)).sort())
    await collect(root, path === '.' ? entry : `${path}/${entry}`, files)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
