/**
 * Packages with native parts, which cannot be bundled: they go into the image as packages, with the binaries of the
 * image's platform. Those are in the package itself (`prebuilds/`) or in one of its optional dependencies, one per
 * platform. A package that is compiled where it is installed has only those of this machine, and is refused.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { BuildError } from '../build-error.ts'
import { fetchPackage } from './fetch-package.ts'

export interface NativeTarget {
  /** As Node.js names it: `arm64`, `x64`. */
  readonly cpu: string
  /** Tasks are processes of this machine: its own binaries go along, and those of the image's platform need not. */
  readonly isForMachine: boolean
}

export interface PackageFile {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly gypfile?: boolean
  readonly os?: readonly string[]
}

export interface InstalledPackage {
  readonly folder: string
  readonly file: PackageFile
}

/** The package that a file belongs to; undefined outside of `node_modules`. */
export async function packageOf(path: string): Promise<InstalledPackage | undefined> {
  for (let folder = dirname(path); folder.includes(`${sep}node_modules${sep}`); folder = dirname(folder)) {
    const found = await readPackage(folder)
    if (found) return found
  }
  return undefined
}

async function readPackage(folder: string): Promise<InstalledPackage | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  const file: PackageFile | undefined = text === undefined ? undefined : JSON.parse(text)
  // A package may have more such files inside, that only say `"type": "commonjs"`.
  return file?.name && file.version ? { folder, file } : undefined
}

const loaders = ['node-gyp-build', 'bindings', 'prebuild-install', 'node-pre-gyp', '@mapbox/node-pre-gyp']
const compiling = /node-gyp|prebuild|node-pre-gyp|cmake-js|prebuildify/

/** Whether the package has parts that are not JavaScript. */
export function isNative({ folder, file }: InstalledPackage): boolean {
  const { dependencies = {}, scripts = {} } = file
  return (
    file.gypfile === true ||
    loaders.some((name) => name in dependencies) ||
    compiling.test([scripts.preinstall, scripts.install, scripts.postinstall].join()) ||
    platformPackages(file).length > 0 ||
    ['binding.gyp', 'prebuilds'].some((name) => existsSync(join(folder, name)))
  )
}

const platformName =
  /[-/](linux|linuxmusl|darwin|win32|freebsd|android|openbsd|sunos)-(x64|arm64|arm|ia32|riscv64|ppc64|s390x)/

const platformPackages = ({ optionalDependencies = {} }: PackageFile) =>
  Object.keys(optionalDependencies).filter((name) => platformName.test(name))

/** Whether a name of a package or folder is for the platform; for Linux it is the one with glibc. */
const isFor = (name: string, platform: string) => new RegExp(`(^|[-/])${platform}(-gnu|-msvc)?$`).test(name)

/** Whether there are binaries for the target, or could be: an optional package that has none is left out. */
export function hasBinaries(found: InstalledPackage, target: NativeTarget): boolean {
  const platform = `linux-${target.cpu}`
  const prebuilds = join(found.folder, 'prebuilds')
  return (
    existsSync(join(prebuilds, platform)) ||
    platformPackages(found.file).some((name) => isFor(name, platform))
  )
}

/**
 * Files of these packages and of all that they need, by their path below the working directory. Throws a `BuildError`
 * for each that has no binaries for the platform.
 */
export async function packageFiles(
  packages: readonly InstalledPackage[],
  target: NativeTarget,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  const placed = new Map<string, string>()
  const place = async (found: InstalledPackage, below: string): Promise<void> => {
    const flat = `node_modules/${found.file.name}`
    const taken = placed.get(flat)
    if (taken === found.folder) return
    // Another version has the name: this one goes where only its own dependent finds it.
    const path = taken === undefined ? flat : `${below}/node_modules/${found.file.name}`
    placed.set(path, found.folder)
    const native = isNative(found)
    if (native && !hasBinaries(found, target) && found.file.os === undefined) throw refused(found, target)
    await addFiles(files, found, path, target)
    for (const name of Object.keys(found.file.dependencies ?? {})) {
      const dependency = await findPackage(found.folder, name)
      if (dependency === undefined) throw missing(found, name)
      await place(dependency, path)
    }
    for (const name of platformPackages(found.file)) {
      const installed = await findPackage(found.folder, name)
      if (target.isForMachine && isFor(name, `${process.platform}-${process.arch}`) && installed)
        await place(installed, path)
      else if (!target.isForMachine && isFor(name, `linux-${target.cpu}`)) {
        if (installed) await place(installed, path)
        else await addFetched(files, found, name)
      }
    }
  }
  for (const found of packages) await place(found, '')
  return files
}

async function addFetched(
  files: Map<string, Uint8Array>,
  { folder, file }: InstalledPackage,
  name: string,
): Promise<void> {
  const version = file.optionalDependencies?.[name] ?? ''
  for (const [path, content] of await fetchPackage(name, version, folder))
    files.set(`node_modules/${name}/${path}`, content)
}

async function addFiles(
  files: Map<string, Uint8Array>,
  { folder }: InstalledPackage,
  to: string,
  target: NativeTarget,
): Promise<void> {
  const platforms = [
    `linux-${target.cpu}`,
    ...(target.isForMachine ? [`${process.platform}-${process.arch}`] : []),
  ]
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const absolute = join(entry.parentPath, entry.name)
    const path = relative(folder, absolute).split(sep).join('/')
    const [top, second = ''] = path.split('/')
    // What this machine compiled is for this machine.
    const isLeftOut =
      top === 'node_modules' ||
      (top === 'build' && !target.isForMachine) ||
      (top === 'prebuilds' && !platforms.includes(second))
    if (entry.isFile() && !isLeftOut) files.set(`${to}/${path}`, await readFile(absolute))
  }
}

/** As Node.js looks it up from a folder. */
async function findPackage(from: string, name: string): Promise<InstalledPackage | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = await readPackage(join(folder, 'node_modules', name))
    if (found || folder === dirname(folder)) return found
  }
}

const refused = ({ file }: InstalledPackage, { cpu }: NativeTarget) =>
  new BuildError(
    `${file.name}@${file.version} has native parts and no binaries for linux-${cpu} in its package: it is compiled where it is installed`,
    'Use a version that brings its binaries (`prebuilds/`, or a package per platform), a package in JavaScript, or build the service by a `dockerfile`.',
  )

const missing = ({ file }: InstalledPackage, name: string) =>
  new BuildError(`${file.name}@${file.version} needs ${name}, which is not installed`, 'Run `npm install`.')
