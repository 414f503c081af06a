/**
 * A TypeScript service as files for an image: one `server.js` with all of its dependencies, and its assets.
 *
 * One file starts faster than a thousand and needs no `node_modules` in the image. What is not JavaScript (SQL of
 * migrations, templates) is named by the package itself, as paths relative to its folder:
 *
 *     "baton": { "assets": ["sql"] }
 *
 * in its `package.json`; they are copied beside `server.js` under the same names.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { BuildError } from '../build-error.ts'

/** Content by path relative to the working directory. */
export type Files = Map<string, string | Uint8Array>

/** Bundles `entry` (relative to `source`) and collects the assets of the package. */
export async function bundleService(source: string, entry: string): Promise<Files> {
  const files: Files = new Map()
  files.set('server.js', await bundle(resolve(source, entry)))
  // Node takes `server.js` for a module only if the nearest package.json says so.
  files.set('package.json', `${JSON.stringify({ private: true, type: 'module' })}\n`)
  for (const asset of await assetsOf(source)) await collect(source, asset, files)
  return files
}

async function bundle(input: string): Promise<string> {
  if (!(await exists(input)))
    throw new BuildError(
      `There is no entry module ${input}`,
      'Correct `entry` of the service, or write the module.',
    )
  // Loaded late: commands that build nothing do without its native part, which npm may have left out.
  const { rolldown } = await import('rolldown')
  const bundler = await rolldown({
    input,
    // Paths in comments are relative to it: the same source gives the same bytes in any checkout.
    cwd: dirname(input),
    platform: 'node',
    // Optional native parts that a library asks for in a try/catch, and does without.
    external: ['pg-native'],
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
    return chunk.code
  } finally {
    await bundler.close()
  }
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
