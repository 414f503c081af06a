/**
 * Tags of applications and deployment groups, by ARN.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html#awscodedeploy-resources-for-iam-policies
 */
import type * as codedeploy from '@aws-sdk/client-codedeploy'
import type { Operations } from '../../../protocol/operations.ts'
import type { EmulatorContext } from '../../../service.ts'
import * as errors from './errors.ts'
import { paginate } from './paging.ts'
import type { State } from './state.ts'

type Tags = Readonly<Record<string, string>>

export interface ResourceTags {
  readonly operations: ReturnType<typeof tagOperations>
  /** Tags that an application or a group is made with. */
  put(id: string, tags: readonly codedeploy.Tag[] | undefined): void
}

export function createTags({ store }: EmulatorContext, state: State): ResourceTags {
  // By the id of the application or group, which stays when either is renamed.
  const collection = store.collection<Tags>('codedeploy.tags')
  const change = (id: string, change: (tags: Tags) => Tags) => {
    const tags = change(collection.get(id) ?? {})
    if (Object.keys(tags).length === 0) collection.delete(id)
    else collection.put(id, tags)
  }
  return {
    operations: tagOperations(state, (id) => collection.get(id) ?? {}, change),
    put(id, tags) {
      forgetDeleted()
      change(id, () => checked(tags ?? []))
    },
  }

  /** Documents of what was deleted, by the API or by Terraform. */
  function forgetDeleted(): void {
    const ids = new Set(
      state
        .applications()
        .flatMap(({ id, name }) => [id, ...state.groups(name).map((group) => group.deploymentGroupId)]),
    )
    for (const [id] of collection.entries()) if (!ids.has(id)) collection.delete(id)
  }
}

function tagOperations(
  state: State,
  tagsOf: (id: string) => Tags,
  change: (id: string, change: (tags: Tags) => Tags) => void,
) {
  return {
    ListTagsForResource: (input) => {
      const tags = Object.entries(tagsOf(idOf(state, input.ResourceArn)))
      const { page, nextToken } = paginate(tags, input.NextToken, 100)
      return { Tags: page.map(([Key, Value]) => ({ Key, Value })), NextToken: nextToken }
    },
    TagResource: (input) => {
      const id = idOf(state, input.ResourceArn)
      if (!input.Tags?.length) throw errors.tagRequired()
      const added = checked(input.Tags)
      change(id, (tags) => ({ ...tags, ...added }))
      return {}
    },
    UntagResource: (input) => {
      const id = idOf(state, input.ResourceArn)
      const removed = new Set(input.TagKeys)
      change(id, (tags) => Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))))
      return {}
    },
  } satisfies Operations<typeof codedeploy>
}

function checked(tags: readonly codedeploy.Tag[]): Tags {
  if (tags.some(({ Key = '' }) => Key === '' || Key.length > 128 || Key.startsWith('aws:')))
    throw errors.invalidTagsToAdd()
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** `arn:aws:codedeploy:<region>:<account>:application:<name>`, or `deploymentgroup:<application>/<name>`. */
function idOf(state: State, arn: string | undefined): string {
  if (!arn) throw errors.resourceArnRequired()
  const [kind, name = ''] = /^arn:[^:]*:codedeploy:[^:]*:[^:]*:(.+)$/.exec(arn)?.[1]?.split(':') ?? []
  if (kind === undefined) throw errors.invalidArn(arn)
  if (kind === 'application') return state.application(name).id
  if (kind === 'deploymentgroup') {
    const [application = '', group = ''] = name.split('/')
    return state.group(application, group).deploymentGroupId
  }
  throw errors.arnNotSupported(arn)
}
