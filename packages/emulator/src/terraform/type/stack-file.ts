/**
 * Files that a stack names, in expressions (`file("x")`) and in attributes (`filename`, `source`). They must be below the
 * stack's folder: the synthesis writes assets there, and nothing else of the machine is a stack's to read.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve, sep } from 'node:path'

/** A file that must not be read; the message names the fix. */
export class StackFileError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StackFileError'
  }
}

/** As large as an S3 object of a site or a Lambda archive may reasonably be. */
const bytesMax = 256 * 1024 * 1024

/**
 * The content; undefined where there is no such file. Throws `StackFileError` for one outside of the folder, links
 * followed, for one that is not a regular file, and for one that is too large.
 */
export function readStackFile(folder: string, path: string): Buffer | undefined {
  const named = resolve(folder, path)
  if (!isBelow(resolve(folder), named)) throw outside(folder, path)
  const real = existing(named)
  if (real === undefined) return undefined
  if (!isBelow(realpathSync(folder), real)) throw outside(folder, path)
  const stats = statSync(real)
  if (!stats.isFile()) throw new StackFileError(`"${path}" is not a regular file.`)
  if (stats.size > bytesMax)
    throw new StackFileError(`"${path}" has more than ${bytesMax / 1024 / 1024} MiB.`)
  return readFileSync(real)
}

const isBelow = (folder: string, path: string) =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

function outside(folder: string, path: string): StackFileError {
  return new StackFileError(
    `"${path}" is outside of the stack's folder ${folder}: the emulator reads only what the synthesis wrote there. Let the synthesis copy it (an asset), or read it in the program that synthesizes.`,
  )
}

function existing(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}
