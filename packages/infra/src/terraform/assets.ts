/**
 * Assets: Lambda functions in TypeScript, bundled with their imports into one module and packed into a zip. Its
 * bytes depend on the source only (no times, no compression), so that a plan stays empty.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'

export interface Asset {
  /** Relative to the stack's folder. */
  readonly file: string
  readonly content: Buffer
  /** As Terraform's `filebase64sha256` gives it. */
  readonly hash: string
}

/** `name` is that of a module in `functions/`. */
export async function functionAsset(name: string): Promise<Asset> {
  // Loaded only where it is needed: it takes longer than all the rest.
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({
    input: fileURLToPath(new URL(`../functions/${name}.ts`, import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false })
  await bundle.close()
  const [chunk] = output
  const content = zip('index.mjs', Buffer.from(chunk.code))
  return {
    file: `assets/${name}.zip`,
    content,
    hash: createHash('sha256').update(content).digest('base64'),
  }
}

/**
 * A zip of one file, whose bytes follow from its name and content. The time is the first that a zip can hold, in
 * local time, which is what a zip holds. Everyone may read the file: Lambda runs as another user.
 */
export function zip(name: string, content: Uint8Array): Buffer {
  const mtime = new Date(1980, 0, 1)
  const unix = 3
  return Buffer.from(zipSync({ [name]: [content, { level: 0, mtime, os: unix, attrs: 0o100_644 << 16 }] }))
}
