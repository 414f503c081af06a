/** Folders and files that the configuration names: they must exist. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../problems.ts'
import type { ImageSource } from '../service.ts'
import type { Check } from './check.ts'
import { hasOneKind, images } from './images.ts'

export const checkPaths: Check = (platform, input) => [
  ...platform.sites.flatMap((site) => folder(`sites.${site.name}.source`, site.source)),
  ...images(platform, input).flatMap(({ path, image, written }) =>
    hasOneKind(written) ? imageProblems(path, image) : [],
  ),
]

function imageProblems(path: string, image: ImageSource): Problem[] {
  const at = (option: string) => (path === 'database.migrations' ? path : `${path}.${option}`)
  switch (image.kind) {
    case 'source': {
      const missing = folder(at('source'), image.folder)
      if (missing.length > 0 || kindOf(join(image.folder, image.entry)) === 'file') return missing
      return [
        {
          path: at('entry'),
          message: `there is no file ${join(image.folder, image.entry)}`,
          fix: 'Write the path of the entry module from that folder (entry), or add the file.',
        },
      ]
    }
    case 'jar':
      return jarProblems(at('jar'), image)
    case 'dockerfile':
      return [
        ...file(at('dockerfile'), image.path, 'Write the path of a Dockerfile.'),
        ...(kindOf(image.path) === 'file' ? folder(`${at('dockerfile')}.context`, image.context) : []),
      ]
    case 'image':
      return referenceProblems(at('image'), image.reference)
  }
}

/** A jar that is built before a release does not have to be there yet. */
function jarProblems(path: string, jar: Extract<ImageSource, { kind: 'jar' }>): Problem[] {
  if (!jar.path.toLowerCase().endsWith('.jar')) {
    return [{ path, message: `${jar.path} is no .jar`, fix: 'Write the path of an executable jar.' }]
  }
  if (jar.build !== undefined) return folder(`${path}.build.folder`, jar.build.folder)
  const missing = file(
    path,
    jar.path,
    'Build it first, or say how (jar: { path: …, build: { command: … } }).',
  )
  if (missing.length > 0 || isZip(jar.path)) return missing
  return [{ path, message: `${jar.path} is no jar: it does not begin as a zip does`, fix: 'Build it again.' }]
}

function isZip(location: string): boolean {
  const handle = openSync(location, 'r')
  try {
    const start = Buffer.alloc(4)
    readSync(handle, start, 0, 4, 0)
    return start.toString('latin1') === 'PK\u0003\u0004'
  } finally {
    closeSync(handle)
  }
}

/**
 * What `docker pull` takes: registry and port, path, tag, digest. Without a tag or a digest it would be `latest`, which
 * is another image every day.
 * https://pkg.go.dev/github.com/distribution/reference
 */
const reference =
  /^(?<name>(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9-]+)*(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?<tag>:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?<digest>@sha256:[0-9a-f]{64})?$/

function referenceProblems(path: string, text: string): Problem[] {
  const groups = reference.exec(text)?.groups
  const example = 'e.g. "public.ecr.aws/nginx/nginx:1.29"'
  if (groups === undefined) {
    return [
      {
        path,
        message: `"${text}" is no reference of an image`,
        fix: `Write registry, name and tag or digest, ${example}.`,
      },
    ]
  }
  if (groups.tag !== undefined || groups.digest !== undefined) return []
  return [{ path, message: `"${text}" has neither tag nor digest`, fix: `Add one, ${example}.` }]
}

function file(path: string, location: string, fix: string): Problem[] {
  const kind = kindOf(location)
  if (kind === 'file') return []
  return [
    { path, message: kind === undefined ? `there is no file ${location}` : `${location} is not a file`, fix },
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
