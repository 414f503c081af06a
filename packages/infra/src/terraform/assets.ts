/**
 * Assets: Lambda functions in TypeScript, bundled with what they import into one module and packed into a zip
 * whose bytes depend on nothing but the source (no times, no compression), so that a plan stays empty.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'

export interface Asset {
  /** Relative to the stack's folder. */
  readonly file: string
  readonly content: Buffer
  /** As Terraform's `filebase64sha256` gives it. */
  readonly hash: string
}

/** `name` is that of a module in `functions/`. */
export async function functionAsset(name: string): Promise<Asset> {
  // Loaded for those only who need it: it takes longer than all the rest.
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

/** 1980-01-01, the first day that a zip can tell. */
const date = 0x21
const version = 20
/** Read by everyone: Lambda runs as another user. */
const externalAttributes = (0o100_644 << 16) >>> 0

/** A zip of one stored file: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zip(name: string, content: Buffer): Buffer {
  const common = Buffer.alloc(26)
  common.writeUInt16LE(version, 0)
  common.writeUInt16LE(date, 8)
  common.writeUInt32LE(crc32(content), 10)
  common.writeUInt32LE(content.length, 14)
  common.writeUInt32LE(content.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), content])

  const central = Buffer.alloc(14)
  central.writeUInt32LE(externalAttributes, 6)
  const madeBy = Buffer.from([version, 3])
  const entry = Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, common, central, Buffer.from(name)])

  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(entry.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, entry, end])
}
