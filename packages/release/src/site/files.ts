/**
 * The files of a built site, sorted into what is shared by all releases and what belongs to one. Hashed assets
 * never change under their name, so they go to a pool and stay; everything else is kept per release.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { lookup } from 'mrmime'
import { ReleaseError } from '../release-error.ts'

export interface SiteFile {
  /** Path below the built folder, with `/`: `assets/index-1a2b.js`. */
  readonly path: string
  /** Absolute path on this machine. */
  readonly file: string
  readonly kind: 'asset' | 'document'
  readonly contentType: string
  readonly cacheControl: string
  readonly md5: string
}

/** Reads a built site. Throws `site-empty` when it has no `index.html`. */
export async function siteFiles(folder: string): Promise<SiteFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => describe(join(entry.parentPath, entry.name), folder)),
  )
  if (!files.some((file) => file.path === 'index.html')) {
    throw new ReleaseError('site-empty', `There is no index.html in ${folder}.`, 'Build the site first.')
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function describe(file: string, folder: string): Promise<SiteFile> {
  const path = relative(folder, file).split(sep).join('/')
  const asset = path.startsWith('assets/')
  return {
    path,
    file,
    kind: asset ? 'asset' : 'document',
    contentType: contentType(path),
    cacheControl: asset ? 'public, max-age=31536000, immutable' : 'no-cache',
    md5: createHash('md5')
      .update(await readFile(file))
      .digest('hex'),
  }
}

function contentType(path: string): string {
  const type = lookup(path) ?? 'application/octet-stream'
  return /^(text\/|application\/(javascript|json|manifest\+json|xml))/.test(type)
    ? `${type}; charset=utf-8`
    : type
}
