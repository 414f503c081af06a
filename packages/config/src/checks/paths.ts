/** Folders and files that the configuration names: they must exist. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

export const checkPaths: Check = (platform, input) => [
  ...platform.sites.flatMap((site) => folder(`sites.${site.name}.source`, site.source)),
  ...platform.services.flatMap((service) =>
    program(`services.${service.name}`, service.source, service.entry),
  ),
  ...program('database.migrations', platform.database.migrations.source, input.database.migrations.entry),
]

function program(path: string, source: string, entry: string): Problem[] {
  const missing = folder(path.startsWith('services') ? `${path}.source` : path, source)
  if (missing.length > 0 || kindOf(join(source, entry)) === 'file') return missing
  return [
    {
      path: path.startsWith('services') ? `${path}.entry` : path,
      message: `there is no file ${join(source, entry)}`,
      fix: 'Write the path of the entry module from that folder (entry), or add the file.',
    },
  ]
}

function folder(path: string, location: string): Problem[] {
  const kind = kindOf(location)
  if (kind === 'folder') return []
  return [
    {
      path,
      message: kind === undefined ? `there is no folder ${location}` : `${location} is not a folder`,
      fix: 'Paths start from the folder of the configuration file.',
    },
  ]
}

function kindOf(location: string): 'file' | 'folder' | undefined {
  const stats = statSync(location, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  return stats.isDirectory() ? 'folder' : 'file'
}
