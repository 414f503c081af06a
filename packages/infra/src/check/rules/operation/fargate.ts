/** Sizes of tasks that Fargate has. */
import { fargateSizes } from '@baton/config'
import type { Rule } from '../../model/finding.ts'

export const fargateRules: readonly Rule[] = [
  {
    name: 'task-size',
    severity: 'error',
    demand: 'Fargate has tasks of this size.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html',
    *check(terraform) {
      for (const definition of terraform.all('aws_ecs_task_definition')) {
        if (!definition.texts('requires_compatibilities').includes('FARGATE')) continue
        const [cpu, memory] = [definition.number('cpu'), definition.number('memory')]
        // Sizes such as `.5 vCPU` and `1GB` are left to AWS.
        if (
          (cpu === undefined && definition.at('cpu') !== undefined) ||
          (memory === undefined && definition.at('memory') !== undefined)
        )
          continue
        const allowed = fargateSizes.get(cpu ?? 0)
        if (allowed?.includes(memory ?? 0)) continue
        yield {
          at: definition,
          reason: `there is no task of ${cpu ?? 'no'} CPU units with ${memory ?? 'no'} MiB`,
          fix:
            allowed === undefined
              ? `Use one of ${[...fargateSizes.keys()].join(', ')} CPU units.`
              : `Use ${allowed[0]} to ${allowed.at(-1)} MiB.`,
        }
      }
    },
  },
]
