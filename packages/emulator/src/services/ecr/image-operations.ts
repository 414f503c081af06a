/** ECR's API: images. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html */
import type * as sdk from '@aws-sdk/client-ecr'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { imageNotFound, invalidNextToken, invalidParameter } from './errors.ts'
import type { ManifestContent } from './manifest.ts'
import type { StoredManifest } from './model.ts'
import type { OperationsOf } from './operations.ts'
import { refuseExisting } from './state.ts'

export function createImageOperations({ context, state }: Pick<OperationsOf, 'context' | 'state'>) {
  const registryId = context.accountId

  function required(repositoryName: string, id: sdk.ImageIdentifier): StoredManifest {
    const found = state.image(repositoryName, id)
    if (found === undefined) throw imageNotFound(id, repositoryName, registryId)
    return found
  }

  const identified = (image: StoredManifest, imageTag?: string): sdk.ImageIdentifier => ({
    imageDigest: image.digest,
    ...(imageTag !== undefined && { imageTag }),
  })

  const asImage = (image: StoredManifest, imageTag?: string): sdk.Image => ({
    registryId,
    repositoryName: image.repository,
    imageId: identified(image, imageTag),
    imageManifest: image.text,
    imageManifestMediaType: image.mediaType,
  })

  function failed(id: sdk.ImageIdentifier, repositoryName: string): sdk.ImageFailure {
    if (id.imageDigest === undefined && id.imageTag === undefined)
      return { imageId: id, failureCode: 'MissingDigestAndTag', failureReason: 'Invalid request parameters' }
    const tagged =
      id.imageDigest !== undefined && state.image(repositoryName, { imageDigest: id.imageDigest })
    if (tagged)
      return {
        imageId: id,
        failureCode: 'ImageTagDoesNotMatchDigest',
        failureReason: 'Tag does not match digest',
      }
    return { imageId: id, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' }
  }

  return {
    ListImages({ repositoryName = '', filter, nextToken, maxResults = 100 }) {
      const ids = state
        .images(repositoryName)
        .filter(({ tags }) => matchesStatus(tags, filter?.tagStatus))
        .flatMap((image) =>
          image.tags.length > 0 ? image.tags.map((tag) => identified(image, tag)) : [identified(image)],
        )
      const { items, next } = pageOf(ids, nextToken, maxResults, invalidNextToken)
      return { imageIds: items, ...(next && { nextToken: next }) }
    },

    DescribeImages({ repositoryName = '', imageIds, filter, nextToken, maxResults = 100 }) {
      const found = imageIds?.length
        ? [...new Set(imageIds.map((id) => required(repositoryName, id)))]
        : state.images(repositoryName).filter(({ tags }) => matchesStatus(tags, filter?.tagStatus))
      const { items, next } = pageOf(found, nextToken, maxResults, invalidNextToken)
      const imageDetails = items.map((image) => detail(image, registryId))
      return { imageDetails, ...(next && { nextToken: next }) }
    },

    BatchGetImage({ repositoryName = '', imageIds = [] }) {
      const answers = imageIds.map((id) => ({ id, image: state.image(repositoryName, id) }))
      return {
        images: answers.flatMap(({ id, image }) => (image ? [asImage(image, id.imageTag)] : [])),
        failures: answers.flatMap(({ id, image }) => (image ? [] : [failed(id, repositoryName)])),
      }
    },

    BatchDeleteImage({ repositoryName = '', imageIds = [] }) {
      const deleted: sdk.ImageIdentifier[] = []
      const failures: sdk.ImageFailure[] = []
      for (const id of imageIds) {
        const image = state.image(repositoryName, id)
        if (image === undefined) {
          failures.push(failed(id, repositoryName))
          continue
        }
        // By tag alone only the tag goes, and the image with its last one.
        const wholly = id.imageDigest !== undefined || image.tags.length === 1
        if (
          wholly &&
          state.images(repositoryName).some(({ manifests }) => manifests.includes(image.digest))
        ) {
          const failureReason = 'Requested image referenced by manifest list'
          failures.push({ imageId: id, failureCode: 'ImageReferencedByManifestList', failureReason })
          continue
        }
        if (wholly) state.deleteImage(image)
        else state.removeTag(image, id.imageTag ?? '')
        const tags = id.imageTag === undefined ? image.tags : [id.imageTag]
        deleted.push(...(tags.length > 0 ? tags.map((tag) => identified(image, tag)) : [identified(image)]))
      }
      return { imageIds: deleted, failures }
    },

    PutImage({ repositoryName = '', imageManifest = '', imageManifestMediaType, imageTag, imageDigest }) {
      const put = () =>
        state.putManifest({
          repository: repositoryName,
          text: imageManifest,
          mediaType: imageManifestMediaType,
          tag: imageTag,
          digest: imageDigest,
        })
      return { image: asImage(refuseExisting(asInvalid(put), imageTag, registryId), imageTag) }
    },

    BatchCheckLayerAvailability({ repositoryName = '', layerDigests = [] }) {
      state.repository(repositoryName)
      return {
        layers: layerDigests.map((layerDigest) => {
          const layer = state.layer(repositoryName, layerDigest)
          return layer
            ? { layerDigest, layerAvailability: 'AVAILABLE' as const, layerSize: layer.size }
            : { layerDigest, layerAvailability: 'UNAVAILABLE' as const }
        }),
        failures: [],
      }
    },
  } satisfies Operations<typeof sdk>
}

/** What is wrong with a manifest's text is an `Error` without a code. */
function asInvalid<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && error.constructor === Error)
      throw invalidParameter(
        `Invalid parameter at 'ImageManifest' failed to satisfy constraint: '${error.message}'`,
      )
    throw error
  }
}

function matchesStatus(tags: readonly string[], status: sdk.TagStatus | undefined): boolean {
  if (status === 'TAGGED') return tags.length > 0
  if (status === 'UNTAGGED') return tags.length === 0
  return true
}

function detail(image: StoredManifest, registryId: string): sdk.ImageDetail {
  const content = JSON.parse(image.text) as ManifestContent
  return {
    registryId,
    repositoryName: image.repository,
    imageDigest: image.digest,
    ...(image.tags.length > 0 && { imageTags: [...image.tags] }),
    imageSizeInBytes: image.sizeInBytes,
    imagePushedAt: new Date(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    ...(content.config && { artifactMediaType: content.config.mediaType }),
  }
}
