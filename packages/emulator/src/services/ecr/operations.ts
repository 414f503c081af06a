/** ECR's API: repositories, their policies, and access. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ */
import type * as sdk from '@aws-sdk/client-ecr'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import type { EmulatorContext } from '../../service.ts'
import type { Authorization } from './authorization.ts'
import {
  invalidNextToken,
  invalidParameter,
  lifecyclePolicyNotFound,
  repositoryNotFound,
  repositoryPolicyNotFound,
} from './errors.ts'
import { parseLifecyclePolicy } from './lifecycle-policy.ts'
import { type Repository, repositoryArn, repositoryUri } from './model.ts'
import type { EcrState } from './state.ts'

export interface OperationsOf {
  readonly context: EmulatorContext
  readonly state: EcrState
  readonly authorization: Authorization
  readonly proxyEndpoint: () => string
}

export function createRepositoryOperations({ context, state, authorization, proxyEndpoint }: OperationsOf) {
  const registryId = context.accountId
  const nameOf = (arn = '') => arn.split(':repository/')[1] ?? arn

  return {
    GetAuthorizationToken(_input, call) {
      const { password, expiresAt } = authorization.issue(call.principal.arn)
      const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64')
      return { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: proxyEndpoint() }] }
    },

    CreateRepository(input) {
      const created = state.createRepository({
        name: input.repositoryName ?? '',
        mutability: input.imageTagMutability ?? 'MUTABLE',
        exclusions: (input.imageTagMutabilityExclusionFilters ?? []).flatMap(({ filter }) => filter ?? []),
        scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
        encryption: {
          type: input.encryptionConfiguration?.encryptionType ?? 'AES256',
          ...(input.encryptionConfiguration?.kmsKey && { kmsKey: input.encryptionConfiguration.kmsKey }),
        },
        tags: tagsOf(input.tags),
      })
      return { repository: describe(created, context) }
    },

    DeleteRepository: ({ repositoryName = '', force = false }) => ({
      repository: describe(state.deleteRepository(repositoryName, force), context),
    }),

    DescribeRepositories({ repositoryNames, nextToken, maxResults = 100 }) {
      const found = repositoryNames?.length
        ? repositoryNames.map((name) => state.repository(name))
        : state.repositories().sort((a, b) => (a.name < b.name ? -1 : 1))
      const { items, next } = pageOf(found, nextToken, maxResults, invalidNextToken)
      const repositories = items.map((repository) => describe(repository, context))
      return { repositories, ...(next && { nextToken: next }) }
    },

    PutImageTagMutability({
      repositoryName = '',
      imageTagMutability,
      imageTagMutabilityExclusionFilters = [],
    }) {
      const exclusions = imageTagMutabilityExclusionFilters.flatMap(({ filter }) => filter ?? [])
      if (imageTagMutability === undefined)
        throw invalidParameter("Invalid parameter at 'imageTagMutability'")
      state.changeRepository(repositoryName, { mutability: imageTagMutability, exclusions })
      return { registryId, repositoryName, imageTagMutability }
    },

    PutImageScanningConfiguration({ repositoryName = '', imageScanningConfiguration }) {
      const scanOnPush = imageScanningConfiguration?.scanOnPush ?? false
      state.changeRepository(repositoryName, { scanOnPush })
      return { registryId, repositoryName, imageScanningConfiguration: { scanOnPush } }
    },

    PutLifecyclePolicy({ repositoryName = '', lifecyclePolicyText = '' }) {
      parseLifecyclePolicy(lifecyclePolicyText)
      state.changeRepository(repositoryName, { lifecyclePolicy: lifecyclePolicyText })
      return { registryId, repositoryName, lifecyclePolicyText }
    },

    GetLifecyclePolicy({ repositoryName = '' }) {
      const { lifecyclePolicy } = state.repository(repositoryName)
      if (lifecyclePolicy === undefined) throw lifecyclePolicyNotFound(repositoryName, registryId)
      return { registryId, repositoryName, lifecyclePolicyText: lifecyclePolicy }
    },

    DeleteLifecyclePolicy({ repositoryName = '' }) {
      const { lifecyclePolicy, ...rest } = state.repository(repositoryName)
      if (lifecyclePolicy === undefined) throw lifecyclePolicyNotFound(repositoryName, registryId)
      state.replaceRepository(rest)
      return { registryId, repositoryName, lifecyclePolicyText: lifecyclePolicy }
    },

    SetRepositoryPolicy({ repositoryName = '', policyText = '' }) {
      state.changeRepository(repositoryName, { policy: policyText })
      return { registryId, repositoryName, policyText }
    },

    GetRepositoryPolicy({ repositoryName = '' }) {
      const { policy } = state.repository(repositoryName)
      if (policy === undefined) throw repositoryPolicyNotFound(repositoryName, registryId)
      return { registryId, repositoryName, policyText: policy }
    },

    DeleteRepositoryPolicy({ repositoryName = '' }) {
      const { policy, ...rest } = state.repository(repositoryName)
      if (policy === undefined) throw repositoryPolicyNotFound(repositoryName, registryId)
      state.replaceRepository(rest)
      return { registryId, repositoryName, policyText: policy }
    },

    TagResource({ resourceArn, tags }) {
      const name = nameOf(resourceArn)
      state.changeRepository(name, { tags: { ...state.repository(name).tags, ...tagsOf(tags) } })
      return {}
    },

    UntagResource({ resourceArn, tagKeys = [] }) {
      const name = nameOf(resourceArn)
      const kept = Object.entries(state.repository(name).tags).filter(([key]) => !tagKeys.includes(key))
      state.changeRepository(name, { tags: Object.fromEntries(kept) })
      return {}
    },

    ListTagsForResource: ({ resourceArn }) => ({
      tags: Object.entries(state.repository(nameOf(resourceArn)).tags).map(([Key, Value]) => ({
        Key,
        Value,
      })),
    }),
  } satisfies Operations<typeof sdk>
}

/** Another account's registry is not here; a caller that names it gets what AWS answers for an unknown repository. */
export function checkRegistry(
  input: { registryId?: string | undefined; repositoryName?: string | undefined },
  own: string,
) {
  if (input.registryId !== undefined && input.registryId !== own)
    throw repositoryNotFound(input.repositoryName ?? '', input.registryId)
}

function describe(repository: Repository, context: EmulatorContext): sdk.Repository {
  const { name, exclusions, encryption } = repository
  return {
    repositoryArn: repositoryArn(context, name),
    registryId: context.accountId,
    repositoryName: name,
    repositoryUri: repositoryUri(context, name),
    createdAt: new Date(repository.createdAt),
    imageTagMutability: repository.mutability,
    ...(exclusions.length > 0 && {
      imageTagMutabilityExclusionFilters: exclusions.map((filter) => ({
        filterType: 'WILDCARD' as const,
        filter,
      })),
    }),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: {
      encryptionType: encryption.type as sdk.EncryptionType,
      ...(encryption.kmsKey && { kmsKey: encryption.kmsKey }),
    },
  }
}

function tagsOf(tags: readonly sdk.Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']))
}
