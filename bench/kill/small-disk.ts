/** A disk that is small enough to be filled: a tmpfs, where the user may mount one (root on Linux). */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** Mounts it at the directory, which is created; the result unmounts it. Undefined where it cannot be mounted. */
export function mountSmallDisk(directory: string, mebibytes: number): (() => void) | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  mkdirSync(directory)
  const options = `size=${mebibytes}m,mode=755`
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory])
  if (status !== 0) return undefined
  return () => void spawnSync('umount', ['-l', directory])
}
