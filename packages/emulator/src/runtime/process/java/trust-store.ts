/**
 * A trust store of the JVM's own authorities and the emulator's: a copy of the installation's, made once for each of both.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CertificateAuthority } from '../../../certificate-authority.ts'
import type { JavaHome } from './find-java.ts'

export interface TrustStores {
  /** The file; rejects with an error that says why it cannot be made. */
  of(java: JavaHome): Promise<string>
}

/** The password of every installation's own store. It only seals it: nothing in it is secret. */
export const trustStorePassword = 'changeit'

/** Keeps them in `directory`. */
export function createTrustStores(
  { certificate, certificateFile }: Pick<CertificateAuthority, 'certificate' | 'certificateFile'>,
  directory: string,
): TrustStores {
  const made = new Map<string, Promise<string>>()
  return {
    async of(java) {
      const own = join(java.folder, 'lib', 'security', 'cacerts')
      const { mtimeMs } = await stat(own)
      const key = createHash('sha256').update(`${own}\n${mtimeMs}\n${certificate}`).digest('hex')
      const file = join(directory, `${key.slice(0, 32)}.store`)
      const making = made.get(file) ?? make(java, own, certificateFile, file)
      made.set(file, making)
      making.catch(() => made.delete(file))
      return making
    },
  }
}

async function make(java: JavaHome, own: string, certificateFile: string, file: string): Promise<string> {
  if (existsSync(file)) return file
  const partial = `${file}.${process.pid}.partial`
  await mkdir(join(file, '..'), { recursive: true })
  try {
    await copyFile(own, partial)
    await chmod(partial, 0o644)
    await promisify(execFile)(join(java.folder, 'bin', 'keytool'), [
      ...['-importcert', '-noprompt', '-keystore', partial, '-storepass', trustStorePassword],
      ...['-alias', 'baton-emulator', '-file', certificateFile],
    ])
    await rename(partial, file)
    return file
  } catch (cause) {
    await rm(partial, { force: true })
    throw new Error(
      `the JVM's trust store ${own} cannot be copied with the emulator's authority in it: ${String(cause)}`,
      { cause },
    )
  }
}
