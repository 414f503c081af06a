/** The API's operations on task definitions. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import type { EmulatorContext } from '../../../service.ts'
import { emptyList, invalidParameter, taskDefinitionBlank, tooMany } from '../model/errors.ts'
import type { TaskDefinitionRecord } from '../model/model.ts'
import { page } from '../model/paging.ts'
import type { EcsState } from '../model/state.ts'
import {
  deleteTaskDefinition,
  deregisterTaskDefinition,
  purgeTaskDefinitions,
  registerTaskDefinition,
} from './task-definitions.ts'
import { taskDefinitionView } from './view.ts'

export function taskDefinitionOperations(context: EmulatorContext, state: EcsState) {
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
      if (!input.taskDefinition) throw taskDefinitionBlank()
      const { taskDefinition, tags } = described(state.taskDefinition(input.taskDefinition))
      return { taskDefinition, ...(input.include?.includes('TAGS') ? { tags } : {}) }
    },
    DeregisterTaskDefinition: (input) => {
      if (!/:\d+$/.test(input.taskDefinition ?? ''))
        throw invalidParameter('Invalid revision number. Number: ')
      const definition = state.taskDefinition(input.taskDefinition)
      return { taskDefinition: taskDefinitionView(deregisterTaskDefinition(context, state, definition)) }
    },
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/delete-task-definition-v2.html
    DeleteTaskDefinitions: (input) => {
      const requested = input.taskDefinitions ?? []
      if (requested.length === 0) throw emptyList('Task definitions')
      if (requested.length > 10) throw tooMany('task definitions', 10)
      purgeTaskDefinitions(state)
      const results = requested.map((reference) => ({
        reference,
        definition: /:\d+$/.test(reference) ? state.findTaskDefinition(reference) : undefined,
      }))
      return {
        taskDefinitions: results.flatMap(({ definition }) =>
          definition && definition.status !== 'ACTIVE'
            ? [taskDefinitionView(deleteTaskDefinition(context, state, definition))]
            : [],
        ),
        failures: results
          .filter(({ definition }) => definition === undefined || definition.status === 'ACTIVE')
          .map(({ reference, definition }) => ({
            arn: definition?.arn ?? reference,
            reason: definition
              ? 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.'
              : 'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
          })),
      }
    },
    ListTaskDefinitions: (input) => {
      purgeTaskDefinitions(state)
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
