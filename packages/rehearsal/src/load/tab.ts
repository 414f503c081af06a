/**
 * A browser tab: it opens a page, loads what the page names, and goes on asking for the chunks of *that* page
 * for as long as it stays open, releases or not. Chunks that are loaded late are what a release that deletes
 * the previous assets breaks.
 */
import { createHash } from 'node:crypto'
import type { ClientCause } from './record.ts'

export interface Page {
  readonly version: string
  /** Paths of everything the page may ask for, now or later: `/assets/index-1a2b.js`. */
  readonly assets: readonly string[]
}

export class Tab {
  readonly openedAt: number
  readonly closesAt: number
  page: Page | undefined
  #next = 0

  constructor(now: number, lifetimeMs: number) {
    this.openedAt = now
    this.closesAt = now + lifetimeMs
  }

  /** The asset to ask for next; undefined before the page is there. */
  nextAsset(): string | undefined {
    const assets = this.page?.assets ?? []
    return assets[this.#next++ % Math.max(assets.length, 1)]
  }

  /** Chunks that are only known once an asset has been read. */
  learn(assets: readonly string[]): void {
    if (!this.page) return
    const known = new Set([...this.page.assets, ...assets])
    if (known.size > this.page.assets.length) this.page = { ...this.page, assets: [...known] }
  }
}

const versionPattern = /<meta\s+name="app-version"\s+content="([^"]*)"/
const assetPattern = /["'(](?:\.?\/)?(assets\/[\w.-]+\.(?:js|css|svg|woff2))["')]/g

/** Reads a document. The cause says what is wrong with it. */
export function readPage(html: string): Page | { readonly cause: ClientCause; readonly detail: string } {
  const version = versionPattern.exec(html)?.[1]
  if (version === undefined) return { cause: 'wrong-body', detail: 'the document names no version' }
  if (!/<\/html>\s*$/.test(html))
    return { cause: 'truncated-body', detail: 'the document does not end with </html>' }
  return { version, assets: referencedAssets(html) }
}

/** Assets that a document or a chunk names. */
export function referencedAssets(text: string): string[] {
  return [...new Set([...text.matchAll(assetPattern)].map((match) => `/${match[1]}`))]
}

/** Hashed assets never change: the first body of a path is the right one ever after. */
export class AssetBodies {
  readonly #hashes = new Map<string, string>()

  /** Undefined when the body is right. */
  check(path: string, body: Buffer): { cause: ClientCause; detail: string } | undefined {
    const hash = createHash('sha1').update(body).digest('hex')
    const known = this.#hashes.get(path)
    if (known === undefined) this.#hashes.set(path, hash)
    if (known === undefined || known === hash) return undefined
    return { cause: 'wrong-body', detail: `${path} differs from what it was` }
  }
}
