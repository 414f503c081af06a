/** The checksums that S3 clients send with a body. CRC-64/NVME is a declared gap: asking for it fails by name. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

export type ChecksumAlgorithm = 'crc32' | 'crc32c' | 'sha1' | 'sha256'

export const isChecksumAlgorithm = (name: string): name is ChecksumAlgorithm =>
  ['crc32', 'crc32c', 'sha1', 'sha256'].includes(name)

export interface RunningChecksum {
  update(bytes: Uint8Array): void
  digest(): Buffer
}

export function checksum(algorithm: ChecksumAlgorithm | 'md5'): RunningChecksum {
  if (algorithm === 'crc32') return running((bytes, crc) => crc32(bytes, crc))
  if (algorithm === 'crc32c') return running(crc32c)
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() }
}

function running(step: (bytes: Uint8Array, crc: number) => number): RunningChecksum {
  let crc = 0
  return {
    update: (bytes) => {
      crc = step(bytes, crc)
    },
    digest: () => {
      const digest = Buffer.alloc(4)
      digest.writeUInt32BE(crc >>> 0)
      return digest
    },
  }
}

/** CRC-32C (Castagnoli), reflected: https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 */
const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

function crc32c(bytes: Uint8Array, initial: number): number {
  let crc = ~initial
  for (const byte of bytes) crc = (CASTAGNOLI[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc
}
