/** What ECR knows of: repositories, their images and layers, and the rules for names, tags and references. No I/O. */

import { compileWildcard } from '../../matching/wildcard.ts'

export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'MUTABLE_WITH_EXCLUSION' | 'IMMUTABLE_WITH_EXCLUSION'

export interface Repository {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly mutability: TagMutability
  /** Wildcard filters of tags to which the opposite of `mutability` applies. */
  readonly exclusions: readonly string[]
  readonly scanOnPush: boolean
  readonly encryption: { readonly type: string; readonly kmsKey?: string }
  readonly tags: Readonly<Record<string, string>>
  readonly lifecyclePolicy?: string
  readonly policy?: string
}

/** A manifest in a repository. */
export interface StoredManifest {
  readonly repository: string
  readonly digest: string
  readonly mediaType: string
  /** As it was pushed, to the byte: its digest is of this text. */
  readonly text: string
  /** Digests of the blobs that it names: configuration and layers. */
  readonly blobs: readonly string[]
  /** Digests of the manifests that an index names. */
  readonly manifests: readonly string[]
  readonly tags: readonly string[]
  readonly pushedAt: number
  /** Sum of configuration and layers, compressed, as AWS reports it. */
  readonly sizeInBytes: number
}

/** A blob that a repository holds; the bytes may be shared with other repositories. */
export interface StoredLayer {
  readonly repository: string
  readonly digest: string
  readonly size: number
}

export interface ImageId {
  readonly imageDigest?: string | undefined
  readonly imageTag?: string | undefined
}

/** Of a repository's name. */
export const namePattern = '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'

export function isTag(text: string): boolean {
  return /^[\w][\w.-]{0,299}$/.test(text)
}

export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

/**
 * Whether a tag, once given, stays where it is; filters name the exceptions.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function tagIsImmutable(
  repository: Pick<Repository, 'mutability' | 'exclusions'>,
  tag: string,
): boolean {
  const excluded = repository.exclusions.some((filter) => compileWildcard(filter)(tag))
  if (repository.mutability === 'IMMUTABLE_WITH_EXCLUSION') return !excluded
  if (repository.mutability === 'MUTABLE_WITH_EXCLUSION') return excluded
  return repository.mutability === 'IMMUTABLE'
}

export function repositoryArn(context: { accountId: string; region: string }, name: string): string {
  return `arn:aws:ecr:${context.region}:${context.accountId}:repository/${name}`
}

export function repositoryUri(context: { accountId: string; region: string }, name: string): string {
  return `${context.accountId}.dkr.ecr.${context.region}.amazonaws.com/${name}`
}

/** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>[:tag|@digest]`; undefined for any other reference. */
export function parseImageReference(
  reference: string,
): { accountId: string; region: string; repository: string; id: ImageId } | undefined {
  const pattern = `^(\\d{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com/(${namePattern})(?::([\\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$`
  const [, accountId, region, repository, tag, digest] = new RegExp(pattern).exec(reference) ?? []
  if (accountId === undefined || region === undefined || repository === undefined) return undefined
  // With both, the digest decides, as for every container runtime.
  const id = digest === undefined ? { imageTag: tag ?? 'latest' } : { imageDigest: digest }
  return { accountId, region, repository, id }
}
