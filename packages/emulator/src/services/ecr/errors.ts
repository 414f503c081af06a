/** Errors of the ECR API, in AWS's words. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html */
import { AwsError } from '../../aws-error.ts'
import type { ImageId } from './model.ts'

export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message)

export const repositoryNotFound = (name: string, registryId: string) =>
  new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
  )

export const repositoryAlreadyExists = (name: string, registryId: string) =>
  new AwsError(
    'RepositoryAlreadyExistsException',
    `The repository with name '${name}' already exists in the registry with id '${registryId}'`,
  )

export const repositoryNotEmpty = (name: string, registryId: string) =>
  new AwsError(
    'RepositoryNotEmptyException',
    `The repository with name '${name}' in registry with id '${registryId}' cannot be deleted because it still contains images`,
  )

export const imageNotFound = ({ imageDigest, imageTag }: ImageId, name: string, registryId: string) =>
  new AwsError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${imageDigest ?? null}', imageTag:'${imageTag ?? null}'} does not exist within the repository with name '${name}' in the registry with id '${registryId}'`,
  )

export const imageTagAlreadyExists = (tag: string, name: string) =>
  new AwsError(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the repository is immutable.`,
  )

export const imageAlreadyExists = (
  digest: string,
  tag: string | undefined,
  name: string,
  registryId: string,
) =>
  new AwsError(
    'ImageAlreadyExistsException',
    `Image with digest '${digest}' and tag '${tag ?? null}' already exists in the repository with name '${name}' in registry with id '${registryId}'`,
  )

export const layersNotFound = (digests: readonly string[], name: string, registryId: string) =>
  new AwsError(
    'LayersNotFoundException',
    `The layers with digests '${digests.join("', '")}' required for pushing image do not exist in the repository with name '${name}' in the registry with id '${registryId}'`,
  )

export const referencedImagesNotFound = (digests: readonly string[], name: string, registryId: string) =>
  new AwsError(
    'ReferencedImagesNotFoundException',
    `The images with digests '${digests.join("', '")}' required for pushing image do not exist in the repository with name '${name}' in the registry with id '${registryId}'`,
  )

export const digestDoesNotMatch = (given: string, actual: string) =>
  new AwsError(
    'ImageDigestDoesNotMatchException',
    `Image digest '${given}' does not match the digest '${actual}' calculated from the image manifest`,
  )

export const lifecyclePolicyNotFound = (name: string, registryId: string) =>
  new AwsError(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${registryId}'`,
  )

export const repositoryPolicyNotFound = (name: string, registryId: string) =>
  new AwsError(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${name}' in the registry with id '${registryId}'`,
  )

export const invalidNextToken = () =>
  invalidParameter("Invalid parameter at 'nextToken' failed to satisfy constraint")
