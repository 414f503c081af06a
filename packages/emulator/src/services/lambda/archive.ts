/**
 * A function's deployment package: a zip archive, unpacked into a directory named by its hash, so that a version
 * that was published keeps its code.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { unzipSync } from 'fflate'
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
  // Written beside and renamed, so that a directory of that name is always whole.
  const partial = `${directory}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  for (const [name, content] of Object.entries(files)) {
    const file = resolve(partial, name)
    if (!file.startsWith(partial + sep))
      throw invalidParameterValue(`The archive's entry ${name} lies outside of it`)
    if (name.endsWith('/')) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  await mkdir(partial, { recursive: true })
  await rename(partial, directory)
  return code
}

function read(archive: Uint8Array): Record<string, Uint8Array> {
  let total = 0
  try {
    return unzipSync(archive, {
      filter: ({ originalSize }) => {
        total += originalSize
        if (total > unzippedLimit)
          throw invalidParameterValue('Unzipped size must be smaller than 262144000 bytes')
        return true
      },
    })
  } catch (error) {
    if (total > unzippedLimit) throw error
    throw invalidParameterValue(
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    )
  }
}
