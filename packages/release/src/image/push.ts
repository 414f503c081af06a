/** Pushes an image into the platform's registry and names it by digest: what runs is never a tag. */
import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetAuthorizationTokenCommand,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr'
import { type Image, pushImage } from '@baton/image'
import type { Clients } from '../aws/clients.ts'
import { jobManifest, migrationManifest, serviceManifest } from '../aws/manifests.ts'
import { ReleaseError } from '../release-error.ts'

export interface PushedImage {
  /** `<registry>/<repository>@sha256:…`, as a container definition names it. */
  readonly reference: string
  readonly digest: string
  /** Bytes that were sent; layers that the registry had already do not count. */
  readonly pushedBytes: number
}

/**
 * Pushes the image into the ECR repository under a tag, which stays its own: repositories are immutable.
 * What is there already is not pushed again, so a roll-out can be repeated. Throws `repository-missing` where the
 * platform has no such repository, and `version-taken` where the tag names another image.
 */
export async function pushToRepository(
  clients: Clients,
  image: Image,
  repository: string,
  tag: string,
): Promise<PushedImage> {
  const repositoryUri = await uriOf(clients, repository)
  const taken = await digestOf(clients, repository, tag)
  if (taken === image.digest) return { reference: `${repositoryUri}@${taken}`, digest: taken, pushedBytes: 0 }
  if (taken !== undefined) {
    throw new ReleaseError(
      'version-taken',
      `The version ${tag} of ${repository} exists already, as another image (${taken}).`,
      'Choose another version: a version never changes its content.',
    )
  }
  const { authorizationData } = await clients.ecr.send(new GetAuthorizationTokenCommand({}))
  const [authorization] = authorizationData ?? []
  const [username = '', password = ''] = atob(authorization?.authorizationToken ?? '').split(':')
  const endpoint = authorization?.proxyEndpoint ?? `https://${repositoryUri.split('/')[0]}`
  const { digest, pushedBytes } = await pushImage(image, { endpoint, repository, tag, username, password })
  return { reference: `${repositoryUri}@${digest}`, digest, pushedBytes }
}

async function digestOf(clients: Clients, repository: string, tag: string): Promise<string | undefined> {
  try {
    const { imageDetails } = await clients.ecr.send(
      new DescribeImagesCommand({ repositoryName: repository, imageIds: [{ imageTag: tag }] }),
    )
    return imageDetails?.[0]?.imageDigest
  } catch (error) {
    if (error instanceof ImageNotFoundException) return undefined
    throw error
  }
}

async function uriOf(clients: Clients, repository: string): Promise<string> {
  try {
    const { repositories } = await clients.ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: [repository] }),
    )
    return repositories?.[0]?.repositoryUri ?? ''
  } catch (cause) {
    if (!(cause instanceof RepositoryNotFoundException)) throw cause
    throw new ReleaseError(
      'repository-missing',
      `The image repository ${repository} does not exist.`,
      'Apply the bootstrap stack first; it owns the repositories.',
      { cause },
    )
  }
}

/** Pushes an image to the repository that the service's manifest names. */
export async function pushServiceImage(
  clients: Clients,
  request: {
    readonly platform: string
    readonly service: string
    readonly image: Image
    readonly version: string
  },
): Promise<string> {
  const { repository } = await serviceManifest(clients, request.platform, request.service)
  return (await pushToRepository(clients, request.image, repository, request.version)).reference
}

/**
 * Pushes the images of the containers beside the main one to the repositories that the manifest names; resolves with
 * their references by digest, by the container's name.
 */
export async function pushSidecarImages(
  clients: Clients,
  request: {
    readonly platform: string
    readonly service: string
    readonly images: Readonly<Record<string, Image>>
    readonly version: string
  },
): Promise<Readonly<Record<string, string>>> {
  const { platform, service, version } = request
  const wanted = Object.entries(request.images)
  if (wanted.length === 0) return {}
  const { images: repositories } = await serviceManifest(clients, platform, service)
  const pushed = wanted.map(async ([name, image]) => {
    const repository = repositories[name]
    if (repository === undefined)
      throw new ReleaseError(
        'repository-missing',
        `The container ${name} of ${service} has no image repository.`,
        'Apply the platform first: the container is new.',
      )
    return [name, (await pushToRepository(clients, image, repository, version)).reference] as const
  })
  return Object.fromEntries(await Promise.all(pushed))
}

/** Pushes a migration image to the repository that the manifest names. */
export async function pushMigrationImage(
  clients: Clients,
  request: { readonly platform: string; readonly image: Image; readonly version: string },
): Promise<string> {
  const { repository } = await migrationManifest(clients, request.platform)
  return (await pushToRepository(clients, request.image, repository, request.version)).reference
}

/** Pushes the image of a job to the repository that its manifest names. */
export async function pushJobImage(
  clients: Clients,
  request: {
    readonly platform: string
    readonly job: string
    readonly image: Image
    readonly version: string
  },
): Promise<string> {
  const { repository } = await jobManifest(clients, request.platform, request.job)
  return (await pushToRepository(clients, request.image, repository, request.version)).reference
}
