/** The packages that `npm ci` installs, as the lock file lists them. */
import { readFileSync } from 'node:fs'

export interface LockedPackage {
  /** Where it is installed, such as `node_modules/pg`. */
  readonly folder: string
  readonly name: string
  readonly version: string
  /** Checksum; a package that is bundled in another one has none of its own. */
  readonly integrity?: string
  readonly inBundle?: boolean
  /** An SPDX expression. */
  readonly license?: string
  readonly hasInstallScript?: boolean
  readonly resolved?: string
}

type Entry = Omit<LockedPackage, 'folder' | 'name'> & { readonly name?: string; readonly link?: boolean }

/** All packages from outside of the repository. */
export function lockedPackages(): LockedPackage[] {
  const file = new URL('../../package-lock.json', import.meta.url)
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
  const prefix = 'node_modules/'
  return Object.entries(packages)
    .filter(([folder, { link }]) => folder.includes(prefix) && !link)
    .map(([folder, entry]) => ({
      ...entry,
      folder,
      name: entry.name ?? folder.slice(folder.lastIndexOf(prefix) + prefix.length),
    }))
}
