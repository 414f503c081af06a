/**
 * A function's deployment package: a zip archive, unpacked into a directory named by its hash, so that a version
 * that was published keeps its code.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { crc32 } from 'node:zlib'
import { strFromU8, unzipSync } from 'fflate'
import { invalidParameterValue } from './errors.ts'

/** "Deployment package (.zip file archive) size: 250 MB unzipped": https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const unzippedLimit = 250 * 1024 * 1024

export interface UnpackedCode {
  /** Base64 of the archive's SHA-256, as AWS gives it. */
  readonly sha256: string
  readonly size: number
  /** Directory with the archive's files. */
  readonly directory: string
}

export async function unpack(archive: Uint8Array, root: string): Promise<UnpackedCode> {
  const digest = createHash('sha256').update(archive).digest()
  const directory = join(root, digest.toString('hex'))
  const code = { sha256: digest.toString('base64'), size: archive.length, directory }
  if (existsSync(directory)) return code
  const files = read(archive)
  // Written to another directory and renamed, so that a directory of that name is always complete.
  const partial = `${directory}.${randomUUID()}.partial`
  try {
    await mkdir(partial, { recursive: true })
    for (const [name, content] of files) await writeEntry(partial, name, content)
    await rename(partial, directory)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    // The same archive was unpacked at the same time.
    if (!existsSync(directory)) throw error
  }
  return code
}

/**
 * Every entry is written as a plain file: no link, no device, no mode of the archive's. `wx` refuses a second entry in
 * the same place, which a file system that ignores case or normalizes Unicode may bring about.
 */
async function writeEntry(root: string, name: string, content: Uint8Array): Promise<void> {
  const file = resolve(root, name)
  if (!file.startsWith(root + sep))
    throw invalidParameterValue(`The archive's entry ${name} lies outside of it`)
  if (name.includes('\0')) throw unreadable()
  try {
    if (name.endsWith('/')) {
      await mkdir(file, { recursive: true })
      return
    }
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { flag: 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENAMETOOLONG')
      throw invalidParameterValue(`The archive's entry ${name} has a name that is too long`)
    if (code !== 'EEXIST' && code !== 'EISDIR' && code !== 'ENOTDIR') throw error
    throw invalidParameterValue(`The archive's entry ${name} lies where another entry is`)
  }
}

const unreadable = () =>
  invalidParameterValue('Could not unzip uploaded file. Please check your file, then try to upload again.')

/** The files of the archive. Not more than the declared size of each is unpacked; the checksum shows one that lies. */
function read(archive: Uint8Array): [name: string, content: Uint8Array][] {
  let total = 0
  let files: Record<string, Uint8Array>
  try {
    files = unzipSync(archive, {
      filter: ({ originalSize }) => {
        total += originalSize
        if (total > unzippedLimit)
          throw invalidParameterValue('Unzipped size must be smaller than 262144000 bytes')
        return true
      },
    })
  } catch (error) {
    if (total > unzippedLimit) throw error
    throw unreadable()
  }
  const declared = checksums(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength))
  if (declared === undefined) throw unreadable()
  const entries = Object.entries(files)
  for (const [name, content] of entries) {
    if (declared.get(name) !== crc32(content)) throw unreadable()
  }
  return entries
}

/**
 * CRC-32 by name, from the central directory: fflate does not compare it. Undefined for a directory that lies: fflate reads
 * what it is given, past the end of the archive too.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 and 4.3.16
 */
function checksums(archive: Buffer): Map<string, number> | undefined {
  const found = new Map<string, number>()
  const end = archive.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  if (end < 0 || end + 20 > archive.length) return undefined
  const count = archive.readUInt16LE(end + 10)
  let at = archive.readUInt32LE(end + 16)
  for (let index = 0; index < count; index++) {
    if (at + 46 > archive.length) return undefined
    const nameEnd = at + 46 + archive.readUInt16LE(at + 28)
    const isUtf8 = (archive.readUInt16LE(at + 8) & 0x0800) !== 0
    found.set(strFromU8(archive.subarray(at + 46, nameEnd), !isUtf8), archive.readUInt32LE(at + 16))
    at = nameEnd + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return found
}
