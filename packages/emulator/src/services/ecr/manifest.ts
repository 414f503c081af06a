/**
 * Manifests as they are pushed: what they name, and whether they are ones that ECR stores.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
 */
import { createHash } from 'node:crypto'
import { isDigest } from './model.ts'

const imageTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

export interface ParsedManifest {
  readonly digest: string
  readonly mediaType: string
  readonly blobs: readonly string[]
  readonly manifests: readonly string[]
  readonly sizeInBytes: number
}

export interface Described {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly os?: string; readonly architecture?: string }
}

export interface ManifestContent {
  readonly mediaType?: string
  readonly config?: Described
  readonly layers?: readonly Described[]
  readonly manifests?: readonly Described[]
}

/** Reads a manifest; `mediaType` is what the request says it is. Throws an `Error` that says what is wrong with it. */
export function parseManifest(text: string, mediaType?: string): ParsedManifest {
  let content: ManifestContent
  try {
    content = JSON.parse(text)
  } catch {
    throw new Error('The manifest is no JSON.')
  }
  if (typeof content !== 'object' || content === null) throw new Error('The manifest is no object.')
  const type = content.mediaType ?? mediaType
  if (content.mediaType !== undefined && mediaType !== undefined && content.mediaType !== mediaType)
    throw new Error(`The manifest calls itself ${content.mediaType}, the request calls it ${mediaType}.`)
  const digest = digestOf(text)
  if (type !== undefined && imageTypes.includes(type)) {
    const named = [content.config, ...(content.layers ?? [])]
    return { digest, mediaType: type, blobs: digests(named), manifests: [], sizeInBytes: sizeOf(named) }
  }
  if (type !== undefined && indexTypes.includes(type))
    return { digest, mediaType: type, blobs: [], manifests: digests(content.manifests ?? []), sizeInBytes: 0 }
  throw new Error(`Manifests of type ${type ?? 'unknown'} are not supported.`)
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

function digests(described: readonly (Described | undefined)[]): string[] {
  return described.map((each) => {
    if (each === undefined || typeof each.digest !== 'string' || !isDigest(each.digest))
      throw new Error('The manifest names something without a digest.')
    return each.digest
  })
}

function sizeOf(described: readonly (Described | undefined)[]): number {
  return described.reduce((sum, each) => sum + (each?.size ?? 0), 0)
}
