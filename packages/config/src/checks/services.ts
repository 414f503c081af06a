/** What must fit together within a service: sizes, counts, times, environment. */

import { fargateSizes } from '../limits/fargate-sizes.ts'
import { healthChecksOverlap, longestStopSeconds, stopCutsRequests } from '../limits/timing.ts'
import type { Service } from '../platform.ts'
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

/** Variables that the platform sets itself. */
const platformSecrets = ['PGUSER', 'PGPASSWORD']
const platformVariables = [
  'PORT',
  'LOG_DIR',
  'PGHOST',
  'PGPORT',
  'PGDATABASE',
  'PGSSLMODE',
  ...platformSecrets,
]

export const checkServices: Check = (platform) =>
  platform.services.flatMap((service) =>
    [
      sizeProblem,
      countProblem,
      drainProblem,
      healthProblem,
      execProblem,
      ...environmentProblems(service),
    ].flatMap((check) => {
      const problem = typeof check === 'function' ? check(service) : check
      return problem === undefined ? [] : [{ ...problem, path: `services.${service.name}.${problem.path}` }]
    }),
  )

function sizeProblem({ cpu, memoryMiB }: Service): Problem | undefined {
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

const drainProblem = ({ drainSeconds, stopTimeoutSeconds }: Service): Problem | undefined =>
  !stopCutsRequests({ drainSeconds, stopTimeoutSeconds })
    ? undefined
    : {
        path: 'stopTimeoutSeconds',
        message: `a task may be killed ${stopTimeoutSeconds} s after SIGTERM, while requests may take ${drainSeconds} s`,
        fix: `Use at least ${Math.min(drainSeconds, longestStopSeconds)} (Fargate's maximum is ${longestStopSeconds}), or lower drainSeconds.`,
      }

const healthProblem = ({ healthCheck }: Service): Problem | undefined =>
  !healthChecksOverlap(healthCheck)
    ? undefined
    : {
        path: 'healthCheck.timeoutSeconds',
        message: `${healthCheck.timeoutSeconds} s is not shorter than the interval of ${healthCheck.intervalSeconds} s`,
        fix: 'Lower timeoutSeconds or raise intervalSeconds.',
      }

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-considerations */
const execProblem = ({ exec, readOnlyRootFilesystem }: Service): Problem | undefined =>
  exec && readOnlyRootFilesystem
    ? {
        path: 'exec',
        message: 'ECS Exec writes to the file system of the container, and readOnlyRootFilesystem forbids it',
        fix: 'Turn one of the two off.',
      }
    : undefined

function environmentProblems({ environment, secrets }: Service): Problem[] {
  const own = Object.keys(environment)
    .filter((name) => platformVariables.includes(name))
    .map((name) => ({
      path: `environment.${name}`,
      message: `${name} is set by the platform`,
      fix: 'Remove it, or use another name.',
    }))
  const hidden = secrets.flatMap((name, index): Problem[] => {
    const path = `secrets.${index}`
    if (platformVariables.includes(name)) {
      return [{ path, message: `${name} is set by the platform`, fix: 'Use another name.' }]
    }
    if (name in environment) {
      return [{ path, message: `${name} is in environment too`, fix: 'Keep one of the two.' }]
    }
    return secrets.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === index
      ? []
      : [{ path, message: `${name} is named twice`, fix: 'Name each secret once.' }]
  })
  return [...own, ...hidden]
}
