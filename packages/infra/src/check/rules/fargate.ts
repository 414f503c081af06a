/** Sizes of tasks that Fargate has. */
import type { Rule } from '../finding.ts'

const range = (from: number, to: number, step: number) =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step)

const sizes: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, range(1024, 4096, 1024)],
  [1024, range(2048, 8192, 1024)],
  [2048, range(4096, 16_384, 1024)],
  [4096, range(8192, 30_720, 1024)],
  [8192, range(16_384, 61_440, 4096)],
  [16_384, range(32_768, 122_880, 8192)],
])

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
        const allowed = sizes.get(cpu ?? 0)
        if (allowed?.includes(memory ?? 0)) continue
        yield {
          at: definition,
          reason: `there is no task of ${cpu ?? 'no'} CPU units with ${memory ?? 'no'} MiB`,
          fix:
            allowed === undefined
              ? `Use one of ${[...sizes.keys()].join(', ')} CPU units.`
              : `Use ${allowed[0]} to ${allowed.at(-1)} MiB.`,
        }
      }
    },
  },
]
