/** What must fit together within a service: sizes, counts, times. */

import { fargateSizes } from '../limits/fargate-sizes.ts'
import { healthChecksOverlap, longestStopSeconds, stopCutsRequests } from '../limits/timing.ts'
import type { Problem } from '../problems.ts'
import type { Service, TaskSize } from '../service.ts'
import type { Check } from './check.ts'

export const checkServices: Check = (platform) =>
  platform.services.flatMap((service) =>
    [sizeProblem, countProblem, drainProblem, healthProblem, execProblem].flatMap((check) => {
      const problem = check(service)
      return problem === undefined ? [] : [{ ...problem, path: `services.${service.name}.${problem.path}` }]
    }),
  )

export function sizeProblem({ cpu, memoryMiB }: Pick<TaskSize, 'cpu' | 'memoryMiB'>): Problem | undefined {
  const sizes = fargateSizes.get(cpu)
  if (sizes === undefined) {
    return {
      path: 'cpu',
      message: `Fargate has no task of ${cpu} CPU units`,
      fix: `Use one of: ${[...fargateSizes.keys()].join(', ')} (1024 is one vCPU).`,
    }
  }
  if (sizes.includes(memoryMiB)) return undefined
  return {
    path: 'memoryMiB',
    message: `Fargate has no task of ${memoryMiB} MiB with ${cpu} CPU units`,
    fix: `Use one of: ${sizes.length > 8 ? `${sizes[0]} to ${sizes.at(-1)} in steps of ${(sizes[1] ?? 0) - (sizes[0] ?? 0)}` : sizes.join(', ')}.`,
  }
}

const countProblem = ({ tasks }: Service): Problem | undefined =>
  tasks.min <= tasks.max
    ? undefined
    : {
        path: 'tasks',
        message: `min (${tasks.min}) is above max (${tasks.max})`,
        fix: 'Raise max or lower min.',
      }

function drainProblem({ traffic, stopTimeoutSeconds }: Service): Problem | undefined {
  if (traffic === undefined) return undefined
  const { drainSeconds } = traffic
  if (!stopCutsRequests({ drainSeconds, stopTimeoutSeconds })) return undefined
  return {
    path: 'stopTimeoutSeconds',
    message: `a task may be killed ${stopTimeoutSeconds} s after SIGTERM, while requests may take ${drainSeconds} s`,
    fix: `Use at least ${Math.min(drainSeconds, longestStopSeconds)} (Fargate's maximum is ${longestStopSeconds}), or lower drainSeconds.`,
  }
}

function healthProblem({ traffic }: Service): Problem | undefined {
  if (traffic === undefined || !healthChecksOverlap(traffic.health)) return undefined
  const { timeoutSeconds, intervalSeconds } = traffic.health
  return {
    path: 'health.timeoutSeconds',
    message: `${timeoutSeconds} s is not shorter than the interval of ${intervalSeconds} s`,
    fix: 'Lower timeoutSeconds or raise intervalSeconds.',
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-considerations */
const execProblem = ({ exec, containers }: Service): Problem | undefined =>
  exec && containers.some(({ readonlyRootFilesystem }) => readonlyRootFilesystem)
    ? {
        path: 'exec',
        message: 'ECS Exec writes to the file system of the container, and readonlyRootFilesystem forbids it',
        fix: 'Turn one of the two off.',
      }
    : undefined
