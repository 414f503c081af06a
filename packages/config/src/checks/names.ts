/**
 * Names: everything that Baton will name on AWS is named here already, compared with the longest name that AWS
 * accepts, and with the other names.
 */
import { longestName } from '../limits/names.ts'
import {
  alarmName,
  bucketName,
  clusterName,
  codedeployApplicationName,
  containerRepositoryName,
  databaseIdentifier,
  databaseSecretName,
  databaseUser,
  deploymentConfigName,
  edgeFunctionName,
  family,
  functionName,
  jobPart,
  keyValueStoreName,
  loadBalancerName,
  logGroupName,
  migrationFamily,
  migrationsRepositoryName,
  migrationTemplateFamily,
  originAccessControlName,
  repositoryName,
  roleName,
  ruleName,
  scheduleGroupName,
  scheduleName,
  securityGroupName,
  serviceSecretName,
  targetGroupName,
  templateFamily,
  topicName,
} from '../names.ts'
import type { Platform } from '../platform.ts'
import type { Problem } from '../problems.ts'
import { secretsOf } from '../secrets.ts'
import type { Service } from '../service.ts'
import type { Check } from './check.ts'

interface Named {
  /** What shares one space of names. */
  readonly kind: string
  readonly limit: number
  readonly name: string
  /** Place of the name that must change. */
  readonly path: string
}

export const checkNames: Check = (platform, input) => {
  const environmentPath = input.environment.length > input.project.length ? 'environment' : 'project'
  const all = [
    ...platformNames(platform, environmentPath),
    ...platform.services.flatMap((s) => serviceNames(platform, s)),
    ...jobNames(platform),
  ]
  const owners = new Map<string, string>()
  const problems = all.flatMap(({ kind, limit, name, path }): Problem[] => {
    const owner = owners.get(`${kind} ${name}`)
    owners.set(`${kind} ${name}`, owner ?? path)
    if (owner !== undefined) {
      return [{ path, message: `two resources would be the ${kind} ${name}`, fix: 'Rename it.' }]
    }
    if (name.length <= limit) return []
    return [
      {
        path,
        message: `the ${kind} ${name} would be ${name.length} characters long; AWS accepts ${limit}`,
        fix: `Shorten ${namesOf(path, environmentPath)} by ${name.length - limit}.`,
      },
    ]
  })
  return oneEach(problems)
}

const namesOf = (path: string, environmentPath: string) =>
  path === environmentPath || path === 'domain' ? path : `the name of ${path}, project or environment`

/** A name that is too long for one resource mostly is too long for others: only the worst is reported. */
function oneEach(problems: readonly Problem[]): Problem[] {
  const excess = ({ fix }: Problem) => Number(/by (\d+)/.exec(fix)?.[1] ?? 0)
  const worst = new Map<string, Problem>()
  for (const problem of problems) {
    const known = worst.get(problem.path)
    if (known === undefined || excess(problem) > excess(known)) worst.set(problem.path, problem)
  }
  return [...worst.values()]
}

function platformNames(platform: Platform, path: string): Named[] {
  const named = (kind: string, limit: number, ...names: string[]) =>
    names.map((name) => ({ kind, limit, name, path }))
  return [
    ...named('load balancer', longestName.loadBalancer, loadBalancerName(platform)),
    ...named('cluster', longestName.cluster, clusterName(platform)),
    ...named('database instance', longestName.database, databaseIdentifier(platform)),
    ...named('function of the edge', longestName.edgeFunction, edgeFunctionName(platform)),
    ...named('key-value store', longestName.keyValueStore, keyValueStoreName(platform)),
    ...named('origin access control', longestName.originAccessControl, originAccessControlName(platform)),
    ...named(
      'CodeDeploy application',
      longestName.codedeployApplication,
      codedeployApplicationName(platform),
    ),
    ...named(
      'deployment configuration',
      longestName.deploymentConfiguration,
      deploymentConfigName(platform, 'canary-99-999'),
    ),
    ...named('topic', longestName.topic, topicName(platform)),
    ...named(
      'event rule',
      longestName.eventRule,
      ruleName(platform, 'deployments'),
      ruleName(platform, 'scaling'),
    ),
    ...named(
      'security group',
      longestName.securityGroup,
      ...['load-balancer', 'database', 'logs', 'migration'].map((part) => securityGroupName(platform, part)),
    ),
    ...named(
      'role',
      longestName.role,
      ...['delivery', 'pipeline', 'migration-task', 'migration-execution'].map((part) =>
        roleName(platform, part),
      ),
    ),
    ...named('log group', longestName.logGroup, logGroupName(platform, 'migration')),
    ...named(
      'task family',
      longestName.taskFamily,
      migrationFamily(platform),
      migrationTemplateFamily(platform),
    ),
    ...named('repository', longestName.repository, migrationsRepositoryName(platform)),
    ...(['cpu', 'storage', 'connections'] as const).flatMap((part) =>
      named('alarm', longestName.alarm, alarmName(platform, `database-${part}`)),
    ),
    ...(['sites', 'resources', 'logs', 'state'] as const).map((kind) => ({
      kind: 'bucket',
      limit: longestName.bucket,
      name: bucketName(platform, kind),
      path: platform.domain.length > platform.name.length ? 'domain' : path,
    })),
  ]
}

function serviceNames(platform: Platform, service: Service): Named[] {
  const { name } = service
  const named = (kind: string, limit: number, ...names: string[]) =>
    names.map((each) => ({ kind, limit, name: each, path: `services.${name}` }))
  return [
    ...named(
      'target group',
      longestName.targetGroup,
      targetGroupName(platform, name, 'blue'),
      targetGroupName(platform, name, 'green'),
    ),
    ...named('task family', longestName.taskFamily, family(platform, name), templateFamily(platform, name)),
    ...named('repository', longestName.repository, repositoryName(platform, name)),
    ...service.containers.slice(1).map((container) => ({
      kind: 'repository',
      limit: longestName.repository,
      name: containerRepositoryName(platform, name, container.name),
      path: `services.${name}.containers.${container.name}`,
    })),
    ...named(
      'role',
      longestName.role,
      roleName(platform, `${name}-task`),
      roleName(platform, `${name}-execution`),
    ),
    ...(platform.delivery.smokeTest
      ? [
          ...named(
            'Lambda function',
            longestName.lambdaFunction,
            functionName(platform, `${name}-smoke-test`),
          ),
          ...named('role', longestName.role, roleName(platform, `${name}-smoke-test`)),
        ]
      : []),
    ...named('security group', longestName.securityGroup, securityGroupName(platform, name)),
    ...named('log group', longestName.logGroup, logGroupName(platform, name)),
    ...named(
      'alarm',
      longestName.alarm,
      ...['errors', 'latency', 'unhealthy', 'tasks'].map((part) => alarmName(platform, `${name}-${part}`)),
    ),
    ...named('user of the database', longestName.databaseUser, databaseUser(name)),
    ...named('secret', longestName.secret, databaseSecretName(platform, name)),
    ...secretsOf(service).map((secret) => ({
      kind: 'secret',
      limit: longestName.secret,
      name: serviceSecretName(platform, name, secret),
      path: `services.${name}.secrets`,
    })),
  ]
}

/** What a job has, and what all jobs share, which counts as the first one's. */
function jobNames(platform: Platform): Named[] {
  const [first] = platform.jobs
  const shared =
    first === undefined
      ? []
      : [
          { kind: 'schedule group', limit: longestName.scheduleGroup, name: scheduleGroupName(platform) },
          { kind: 'role', limit: longestName.role, name: roleName(platform, 'schedules') },
          { kind: 'role', limit: longestName.role, name: roleName(platform, 'job-limits') },
          {
            kind: 'Lambda function',
            limit: longestName.lambdaFunction,
            name: functionName(platform, 'job-limits'),
          },
          { kind: 'event rule', limit: longestName.eventRule, name: ruleName(platform, 'job-failures') },
        ].map((each) => ({ ...each, path: `jobs.${first.name}` }))
  return [
    ...shared,
    ...platform.jobs.flatMap((job) => ownJobNames(platform, job.name, job.service === undefined)),
  ]
}

function ownJobNames(platform: Platform, name: string, ownImage: boolean): Named[] {
  const part = jobPart(name)
  const path = `jobs.${name}`
  const named = (kind: string, limit: number, ...names: string[]) =>
    names.map((each) => ({ kind, limit, name: each, path }))
  return [
    ...named('schedule', longestName.schedule, scheduleName(platform, name)),
    ...named('task family', longestName.taskFamily, family(platform, part), templateFamily(platform, part)),
    ...named(
      'role',
      longestName.role,
      roleName(platform, `${part}-task`),
      roleName(platform, `${part}-execution`),
    ),
    ...named('security group', longestName.securityGroup, securityGroupName(platform, part)),
    ...named('log group', longestName.logGroup, logGroupName(platform, part)),
    ...(ownImage
      ? [
          ...named('repository', longestName.repository, repositoryName(platform, part)),
          ...named('user of the database', longestName.databaseUser, databaseUser(part)),
          ...named('secret', longestName.secret, databaseSecretName(platform, part)),
        ]
      : []),
  ]
}
