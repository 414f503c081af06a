/** The registry's durable state: repositories, manifests with their tags, and which repository holds which layer. */
import type { EmulatorContext } from '../../service.ts'
import type { BlobStore } from './blobs.ts'
import type { ImagesRemoved } from './contract.ts'
import {
  digestDoesNotMatch,
  imageAlreadyExists,
  imageTagAlreadyExists,
  invalidParameter,
  layersNotFound,
  referencedImagesNotFound,
  repositoryAlreadyExists,
  repositoryNotEmpty,
  repositoryNotFound,
} from './errors.ts'
import { parseManifest } from './manifest.ts'
import {
  type ImageId,
  isTag,
  namePattern,
  type Repository,
  type StoredLayer,
  type StoredManifest,
  tagIsImmutable,
} from './model.ts'

export interface PutManifest {
  readonly repository: string
  readonly text: string
  readonly mediaType?: string | undefined
  readonly tag?: string | undefined
  /** Checked against the text where it is given. */
  readonly digest?: string | undefined
}

export interface EcrState {
  repositories(): Repository[]
  /** Throws RepositoryNotFoundException. */
  repository(name: string): Repository
  createRepository(repository: Omit<Repository, 'createdAt'>): Repository
  changeRepository(name: string, change: Partial<Repository>): Repository
  /** Writes it as it is given: also what it no longer has. */
  replaceRepository(repository: Repository): void
  deleteRepository(name: string, force: boolean): Repository
  /** Resolves when what was made of removed images is removed as well. */
  settled(): Promise<void>
  /** Images of a repository, in the order in which they were first pushed. */
  images(repository: string): StoredManifest[]
  image(repository: string, id: ImageId): StoredManifest | undefined
  /** Keeps a manifest and moves its tag; `existed` when that changed nothing. */
  putManifest(put: PutManifest): { image: StoredManifest; existed: boolean }
  removeTag(image: StoredManifest, tag: string): void
  deleteImage(image: StoredManifest): void
  layer(repository: string, digest: string): StoredLayer | undefined
  addLayer(repository: string, digest: string, size: number): void
  /** Whether a repository has a layer of this digest. */
  isHeld(digest: string): boolean
}

export function createState(
  context: EmulatorContext,
  blobs: BlobStore,
  imagesRemoved: ImagesRemoved = async () => undefined,
): EcrState {
  const { accountId, clock, events, store } = context
  const repositories = store.collection<Repository>('ecr.repositories')
  const manifests = store.collection<StoredManifest>('ecr.manifests')
  const layers = store.collection<StoredLayer>('ecr.layers')
  const keyOf = ({ repository, digest }: { repository: string; digest: string }) => `${repository}@${digest}`

  const images = (name: string) => manifests.values().filter(({ repository }) => repository === name)

  function repository(name: string): Repository {
    const found = repositories.get(name)
    if (found === undefined) throw repositoryNotFound(name, accountId)
    return found
  }

  function image(name: string, { imageDigest, imageTag }: ImageId): StoredManifest | undefined {
    const found =
      imageDigest === undefined
        ? images(name).find(({ tags }) => imageTag !== undefined && tags.includes(imageTag))
        : manifests.get(keyOf({ repository: name, digest: imageDigest }))
    return imageTag === undefined || found?.tags.includes(imageTag) ? found : undefined
  }

  let settling: Promise<void> = Promise.resolve()
  /** One after the other: each sees what is kept at its turn. */
  const tellRemoved = () => {
    const isKept = (digest: string) => manifests.values().some((kept) => kept.digest === digest)
    settling = settling.then(() => imagesRemoved(isKept)).catch((error) => console.error('images:', error))
  }

  /**
   * Runs a deletion, and drops the layers that no manifest of the repository names any more, in one transaction; then
   * the bytes that no repository holds.
   */
  function withPruning(repositoryName: string, digests: readonly string[], deletion: () => void): void {
    store.transaction(() => {
      deletion()
      const used = new Set(images(repositoryName).flatMap((each) => each.blobs))
      for (const digest of digests.filter((each) => !used.has(each)))
        layers.delete(keyOf({ repository: repositoryName, digest }))
    })
    for (const digest of digests) if (!isHeld(digest)) blobs.remove(digest)
  }

  const isHeld = (digest: string) => layers.values().some((layer) => layer.digest === digest)

  function checkContents(
    name: string,
    needed: { blobs: readonly string[]; manifests: readonly string[] },
  ): void {
    const unknown = needed.blobs.filter((digest) => !layers.has(keyOf({ repository: name, digest })))
    if (unknown.length > 0) throw layersNotFound(unknown, name, accountId)
    const absent = needed.manifests.filter((digest) => !manifests.has(keyOf({ repository: name, digest })))
    if (absent.length > 0) throw referencedImagesNotFound(absent, name, accountId)
  }

  return {
    repositories: () => repositories.values(),
    repository,
    createRepository(described) {
      checkRepositoryName(described.name)
      if (repositories.has(described.name)) throw repositoryAlreadyExists(described.name, accountId)
      const created = { ...described, createdAt: clock.now() }
      repositories.put(created.name, created)
      return created
    },
    changeRepository(name, change) {
      const changed = { ...repository(name), ...change }
      repositories.put(name, changed)
      return changed
    },
    replaceRepository: (replaced) => repositories.put(replaced.name, replaced),
    deleteRepository(name, force) {
      const deleted = repository(name)
      const contents = images(name)
      if (contents.length > 0 && !force) throw repositoryNotEmpty(name, accountId)
      const held = layers.values().filter((layer) => layer.repository === name)
      const digests = held.map(({ digest }) => digest)
      withPruning(name, digests, () => {
        for (const each of contents) manifests.delete(keyOf(each))
        repositories.delete(name)
      })
      if (contents.length > 0) tellRemoved()
      return deleted
    },
    settled: () => settling,
    images(name) {
      repository(name)
      return images(name)
    },
    image(name, id) {
      repository(name)
      return image(name, id)
    },
    putManifest({ repository: name, text, mediaType, tag, digest }) {
      const target = repository(name)
      const parsed = parseManifest(text, mediaType)
      if (digest !== undefined && digest !== parsed.digest) throw digestDoesNotMatch(digest, parsed.digest)
      if (tag !== undefined && !isTag(tag))
        throw invalidParameter(`Invalid parameter at 'imageTag': '${tag}'`)
      checkContents(name, parsed)
      const known = manifests.get(keyOf({ repository: name, digest: parsed.digest }))
      if (known !== undefined && (tag === undefined || known.tags.includes(tag)))
        return { image: known, existed: true }
      const holder = tag === undefined ? undefined : image(name, { imageTag: tag })
      if (holder !== undefined && tag !== undefined && tagIsImmutable(target, tag))
        throw imageTagAlreadyExists(tag, name)
      const put: StoredManifest = {
        ...parsed,
        repository: name,
        text,
        tags: [...(known?.tags ?? []), ...(tag === undefined ? [] : [tag])],
        pushedAt: known?.pushedAt ?? clock.now(),
      }
      store.transaction(() => {
        if (holder)
          manifests.put(keyOf(holder), { ...holder, tags: holder.tags.filter((each) => each !== tag) })
        manifests.put(keyOf(put), put)
      })
      // https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
      events.emit('aws.ecr', 'ECR Image Action', {
        'action-type': 'PUSH',
        result: 'SUCCESS',
        'repository-name': name,
        'image-digest': put.digest,
        ...(tag !== undefined && { 'image-tag': tag }),
      })
      return { image: put, existed: false }
    },
    removeTag: (held, tag) =>
      manifests.put(keyOf(held), { ...held, tags: held.tags.filter((each) => each !== tag) }),
    deleteImage(deleted) {
      withPruning(deleted.repository, deleted.blobs, () => manifests.delete(keyOf(deleted)))
      tellRemoved()
    },
    layer: (name, digest) => layers.get(keyOf({ repository: name, digest })),
    addLayer: (name, digest, size) =>
      layers.put(keyOf({ repository: name, digest }), { repository: name, digest, size }),
    isHeld,
  }
}

/** For `PutImage`, which refuses what changes nothing. */
export function refuseExisting(
  { image, existed }: ReturnType<EcrState['putManifest']>,
  tag: string | undefined,
  registryId: string,
): StoredManifest {
  if (existed) throw imageAlreadyExists(image.digest, tag, image.repository, registryId)
  return image
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
function checkRepositoryName(name: string): void {
  const constraint = (text: string) =>
    invalidParameter(`Invalid parameter at 'repositoryName' failed to satisfy constraint: '${text}'`)
  if (name.length < 2 || name.length > 256) throw constraint('must have length between 2 and 256')
  if (!new RegExp(`^${namePattern}$`).test(name))
    throw constraint(`must satisfy regular expression '${namePattern}'`)
}
