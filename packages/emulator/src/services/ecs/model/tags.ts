/** Tags of clusters, services, task definitions and tasks, by ARN. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Tag } from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import { invalidParameter } from './errors.ts'
import { type EcsState, lastPart } from './state.ts'

interface Tagged {
  readonly tags: readonly Tag[]
  keep(tags: Tag[]): void
}

export function tagOperations(state: EcsState) {
  return {
    ListTagsForResource: (input) => ({ tags: [...tagged(state, input.resourceArn).tags] }),
    TagResource: (input) => {
      const resource = tagged(state, input.resourceArn)
      const added = input.tags ?? []
      const kept = resource.tags.filter(({ key }) => !added.some((tag) => tag.key === key))
      resource.keep([...kept, ...added])
      return {}
    },
    UntagResource: (input) => {
      const resource = tagged(state, input.resourceArn)
      resource.keep(resource.tags.filter(({ key }) => !input.tagKeys?.includes(key ?? '')))
      return {}
    },
  } satisfies Operations<typeof sdk>
}

function tagged(state: EcsState, arn = ''): Tagged {
  const kind = arn.split(':')[5]?.split('/')[0]
  switch (kind) {
    case 'cluster': {
      const cluster = state.cluster(arn)
      return { tags: cluster.tags, keep: (tags) => state.clusters.put(cluster.name, { ...cluster, tags }) }
    }
    case 'service': {
      const service = state.service(undefined, arn)
      return { tags: service.tags, keep: (tags) => state.saveService({ ...service, tags }) }
    }
    case 'task-definition': {
      const definition = state.taskDefinition(arn)
      return {
        tags: definition.input.tags ?? [],
        keep: (tags) =>
          state.taskDefinitions.put(lastPart(definition.arn), {
            ...definition,
            input: { ...definition.input, tags },
          }),
      }
    }
    case 'task': {
      const task = state.tasks.get(lastPart(arn))
      if (task) return { tags: task.tags, keep: (tags) => state.tasks.save({ ...task, tags }) }
      throw invalidParameter('The specified task is not found. Specify a valid task and try again.')
    }
    default:
      throw invalidParameter('Invalid identifier: Unexpected resource type.')
  }
}
