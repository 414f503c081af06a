/** The API's operations on task definitions. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../protocol/operations.ts'
import type { RegionContext } from '../../service.ts'
import { invalidParameter } from './errors.ts'
import type { TaskDefinitionRecord } from './model.ts'
import { page } from './paging.ts'
import type { EcsState } from './state.ts'
import { deregisterTaskDefinition, registerTaskDefinition } from './task-definitions.ts'
import { taskDefinitionView } from './views.ts'

export function taskDefinitionOperations(context: RegionContext, state: EcsState) {
  const described = (definition: TaskDefinitionRecord) => ({
    taskDefinition: taskDefinitionView(definition),
    tags: definition.input.tags ?? [],
  })
  const byStatus = (status: string | undefined) =>
    state.taskDefinitions.values().filter((definition) => definition.status === (status ?? 'ACTIVE'))
  return {
    RegisterTaskDefinition: (input, call) =>
      described(registerTaskDefinition(context, state, input, call.principal.arn)),
    DescribeTaskDefinition: (input) => {
      const { taskDefinition, tags } = described(state.taskDefinition(input.taskDefinition))
      return { taskDefinition, ...(input.include?.includes('TAGS') ? { tags } : {}) }
    },
    DeregisterTaskDefinition: (input) => {
      if (!/:\d+$/.test(input.taskDefinition ?? ''))
        throw invalidParameter('Invalid revision number. Number: ')
      const definition = state.taskDefinition(input.taskDefinition)
      return { taskDefinition: taskDefinitionView(deregisterTaskDefinition(context, state, definition)) }
    },
    ListTaskDefinitions: (input) => {
      const arns = byStatus(input.status)
        .filter(({ family }) => input.familyPrefix === undefined || family === input.familyPrefix)
        .sort((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision)
        .map(({ arn }) => arn)
      const { items, nextToken } = page(input.sort === 'DESC' ? arns.reverse() : arns, input)
      return { taskDefinitionArns: items, nextToken }
    },
    ListTaskDefinitionFamilies: (input) => {
      const families = state.families
        .entries()
        .map(([family]) => family)
        .filter((family) => family.startsWith(input.familyPrefix ?? ''))
        .filter((family) => {
          const active = byStatus('ACTIVE').some((definition) => definition.family === family)
          return (input.status ?? 'ALL') === 'ALL' || active === (input.status === 'ACTIVE')
        })
      const { items, nextToken } = page(families.sort(), input)
      return { families: items, nextToken }
    },
  } satisfies Operations<typeof sdk>
}
