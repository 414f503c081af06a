/** Terraform's view of ECR. */
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { blocks, stringMap } from '../../terraform/type/values.ts'
import { imageNotFound } from './errors.ts'
import { parseLifecyclePolicy, sameLifecyclePolicy } from './lifecycle-policy.ts'
import { type Repository, repositoryArn, repositoryUri, type TagMutability } from './model.ts'
import type { EcrState } from './state.ts'

const noScanner = 'images are not scanned here'

export function createResourceTypes(context: EmulatorContext, state: EcrState): ResourceType[] {
  return [repositoryType(context, state), ...policyTypes(context, state), scanningType(context)]
}

function repositoryType(context: EmulatorContext, state: EcrState): ResourceType {
  const written = (planned: Attributes): Omit<Repository, 'createdAt'> => {
    const [encryption] = blocks(planned.encryption_configuration)
    const kmsKey = encryption?.kms_key
    return {
      name: String(planned.name),
      mutability: (planned.image_tag_mutability ?? 'MUTABLE') as TagMutability,
      exclusions: blocks(planned.image_tag_mutability_exclusion_filter).map(({ filter }) => String(filter)),
      scanOnPush: blocks(planned.image_scanning_configuration)[0]?.scan_on_push === true,
      encryption: {
        type: String(encryption?.encryption_type ?? 'AES256'),
        ...(kmsKey ? { kmsKey: String(kmsKey) } : {}),
      },
      tags: stringMap(planned.tags_all ?? planned.tags),
    }
  }
  const attributes = (planned: Attributes, { name }: Repository): Attributes => ({
    ...planned,
    id: name,
    arn: repositoryArn(context, name),
    registry_id: context.accountId,
    repository_url: repositoryUri(context, name),
  })
  return {
    type: 'aws_ecr_repository',
    attributes: {
      name: implemented({ forceNew: true }),
      image_tag_mutability: implemented({ default: 'MUTABLE' }),
      image_tag_mutability_exclusion_filter: block({ filter: implemented(), filter_type: implemented() }),
      image_scanning_configuration: block({ scan_on_push: ignored(noScanner) }, { maxItems: 1 }),
      encryption_configuration: block(
        {
          encryption_type: ignored('blobs are files of the user of this machine', { default: 'AES256' }),
          kms_key: ignored('images are kept as they are', { computed: true }),
        },
        { forceNew: true },
      ),
      force_delete: implemented(),
      tags: implemented(),
      tags_all: computed(),
      timeouts: block({ delete: ignored('deleting takes no time here') }),
      arn: computed(),
      registry_id: computed(),
      repository_url: computed(),
      id: computed(),
    },
    create: (planned) => attributes(planned, state.createRepository(written(planned))),
    read(prior) {
      const repository = find(state, String(prior.name))
      return repository && { ...prior, image_tag_mutability: repository.mutability }
    },
    update: (planned, prior) =>
      attributes(
        { ...prior, ...planned },
        state.changeRepository(String(prior.name), written({ ...prior, ...planned })),
      ),
    async delete(prior) {
      state.deleteRepository(String(prior.name), prior.force_delete === true)
      await state.settled()
    },
  }
}

/** Policies are kept on the repository; both have the repository's name for an id. */
function policyTypes(context: EmulatorContext, state: EcrState): ResourceType[] {
  const type = (
    name: string,
    field: 'lifecyclePolicy' | 'policy',
    check: (text: string) => void,
  ): ResourceType => {
    const put = (planned: Attributes): Attributes => {
      const text = String(planned.policy)
      check(text)
      state.changeRepository(String(planned.repository), { [field]: text })
      return { ...planned, id: planned.repository ?? null, registry_id: context.accountId }
    }
    return {
      type: name,
      attributes: {
        repository: implemented({ forceNew: true }),
        policy:
          field === 'policy'
            ? ignored('policies of resources are not evaluated here')
            : implemented({ forceNew: true, equivalent: sameLifecyclePolicy }),
        registry_id: computed(),
        id: computed(),
      },
      create: put,
      update: (planned, prior) => put({ ...prior, ...planned }),
      read(prior) {
        const text = find(state, String(prior.repository))?.[field]
        return text === undefined ? undefined : { ...prior, policy: text }
      },
      delete(prior) {
        const repository = find(state, String(prior.repository))
        if (repository === undefined) return
        const { [field]: _removed, ...rest } = repository
        state.replaceRepository(rest)
      },
    }
  }
  return [
    type('aws_ecr_lifecycle_policy', 'lifecyclePolicy', parseLifecyclePolicy),
    type('aws_ecr_repository_policy', 'policy', JSON.parse),
  ]
}

function scanningType(context: EmulatorContext): ResourceType {
  const complete = (planned: Attributes): Attributes => ({
    ...planned,
    id: context.accountId,
    registry_id: context.accountId,
  })
  return {
    type: 'aws_ecr_registry_scanning_configuration',
    attributes: {
      scan_type: ignored(noScanner),
      rule: block({
        scan_frequency: ignored(noScanner),
        repository_filter: block({ filter: ignored(noScanner), filter_type: ignored(noScanner) }),
      }),
      registry_id: computed(),
      id: computed(),
    },
    create: complete,
    update: (planned, prior) => complete({ ...prior, ...planned }),
  }
}

export function createDataSourceTypes(context: EmulatorContext, state: EcrState): DataSourceType[] {
  return [
    {
      type: 'aws_ecr_repository',
      attributes: {
        name: implemented(),
        registry_id: implemented({ computed: true }),
        tags: computed(),
        arn: computed(),
        repository_url: computed(),
        most_recent_image_tags: computed(),
        image_tag_mutability: computed(),
        image_tag_mutability_exclusion_filter: computed(),
        image_scanning_configuration: computed(),
        encryption_configuration: computed(),
        id: computed(),
      },
      read(config) {
        const repository = state.repository(String(config.name))
        const newest = state.images(repository.name).toSorted((a, b) => b.pushedAt - a.pushedAt)[0]
        return {
          ...config,
          id: repository.name,
          arn: repositoryArn(context, repository.name),
          registry_id: context.accountId,
          repository_url: repositoryUri(context, repository.name),
          tags: { ...repository.tags },
          most_recent_image_tags: [...(newest?.tags ?? [])],
          image_tag_mutability: repository.mutability,
          image_tag_mutability_exclusion_filter: repository.exclusions.map((filter) => ({
            filter,
            filter_type: 'WILDCARD',
          })),
          image_scanning_configuration: [{ scan_on_push: repository.scanOnPush }],
          encryption_configuration: [
            { encryption_type: repository.encryption.type, kms_key: repository.encryption.kmsKey ?? '' },
          ],
        }
      },
    },
    {
      type: 'aws_ecr_image',
      attributes: {
        repository_name: implemented(),
        registry_id: implemented({ computed: true }),
        image_tag: implemented({ computed: true }),
        image_digest: implemented({ computed: true }),
        most_recent: implemented(),
        image_pushed_at: computed(),
        image_size_in_bytes: computed(),
        image_tags: computed(),
        image_uri: computed(),
        id: computed(),
      },
      read(config) {
        const name = String(config.repository_name)
        const id = {
          ...(config.image_digest ? { imageDigest: String(config.image_digest) } : {}),
          ...(config.image_tag ? { imageTag: String(config.image_tag) } : {}),
        }
        const newest = () => state.images(name).toSorted((a, b) => b.pushedAt - a.pushedAt)[0]
        const image = config.most_recent === true ? newest() : state.image(name, id)
        if (image === undefined) throw imageNotFound(id, name, context.accountId)
        return {
          ...config,
          id: image.digest,
          registry_id: context.accountId,
          image_digest: image.digest,
          image_tag: config.image_tag ?? image.tags[0] ?? '',
          image_tags: [...image.tags],
          image_pushed_at: Math.floor(image.pushedAt / 1000),
          image_size_in_bytes: image.sizeInBytes,
          image_uri: `${repositoryUri(context, name)}@${image.digest}`,
        }
      },
    },
  ]
}

function find(state: EcrState, name: string): Repository | undefined {
  return state.repositories().find((repository) => repository.name === name)
}
