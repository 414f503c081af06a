/** The checksums that S3 clients send with a body. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Crc64NvmeJs } from '@aws-sdk/checksums/crc'

export type ChecksumAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256'

export const isChecksumAlgorithm = (name: string): name is ChecksumAlgorithm =>
  ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'].includes(name)

export interface RunningChecksum {
  update(bytes: Uint8Array): void
  digest(): Buffer | Promise<Buffer>
}

export function checksum(algorithm: ChecksumAlgorithm | 'md5'): RunningChecksum {
  if (algorithm === 'crc32') return running((bytes, crc) => crc32(bytes, crc))
  if (algorithm === 'crc32c') return running(crc32c)
  if (algorithm === 'crc64nvme') {
    const crc = new Crc64NvmeJs()
    return { update: (bytes) => crc.update(bytes), digest: async () => Buffer.from(await crc.digest()) }
  }
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
