/**
 * Names: everything that Baton will name on AWS is named here already, and checked against AWS's limits and for
 * two things of one name. The limits are those of the creating API calls' pages.
 */
import {
  alarmName,
  bucketName,
  clusterName,
  codedeployApplicationName,
  databaseIdentifier,
  databaseSecretName,
  databaseUser,
  deploymentConfigName,
  edgeFunctionName,
  family,
  functionName,
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
  securityGroupName,
  serviceSecretName,
  targetGroupName,
  templateFamily,
  topicName,
} from '../names.ts'
import type { Platform, Service } from '../platform.ts'
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

interface Named {
  /** What shares one space of names. */
  readonly kind: string
  readonly limit: number
  readonly name: string
  /** Whose name has to change. */
  readonly path: string
}

export const checkNames: Check = (platform, input) => {
  const environmentPath = input.environment.length > input.project.length ? 'environment' : 'project'
  const all = [
    ...platformNames(platform, environmentPath),
    ...platform.services.flatMap((s) => serviceNames(platform, s)),
  ]
  const owners = new Map<string, string>()
  const problems = all.flatMap(({ kind, limit, name, path }): Problem[] => {
    const owner = owners.get(`${kind} ${name}`)
    owners.set(`${kind} ${name}`, owner ?? path)
    if (owner !== undefined) {
      return [{ path, message: `two things would be the ${kind} ${name}`, fix: 'Rename it.' }]
    }
    if (name.length <= limit) return []
    return [
      {
        path,
        message: `the ${kind} ${name} would be ${name.length} characters long; AWS takes ${limit}`,
        fix: `Shorten ${namesOf(path, environmentPath)} by ${name.length - limit}.`,
      },
    ]
  })
  return oneEach(problems)
}

const namesOf = (path: string, environmentPath: string) =>
  path === environmentPath || path === 'domain' ? path : `the name of ${path}, project or environment`

/** A name that is too long for one thing mostly is for others: the worst says it all. */
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
    ...named('load balancer', 32, loadBalancerName(platform)),
    ...named('cluster', 255, clusterName(platform)),
    ...named('database instance', 63, databaseIdentifier(platform)),
    ...named('function of the edge', 64, edgeFunctionName(platform)),
    ...named('key-value store', 64, keyValueStoreName(platform)),
    ...named('origin access control', 64, originAccessControlName(platform)),
    ...named('CodeDeploy application', 100, codedeployApplicationName(platform)),
    ...named('deployment configuration', 100, deploymentConfigName(platform, 'canary-99-999')),
    ...named('topic', 256, topicName(platform)),
    ...named('event rule', 64, ruleName(platform, 'deployments'), ruleName(platform, 'scaling')),
    ...named(
      'security group',
      255,
      ...['load-balancer', 'database', 'logs', 'migration'].map((part) => securityGroupName(platform, part)),
    ),
    ...named(
      'role',
      64,
      ...['delivery', 'pipeline', 'migration-task', 'migration-execution'].map((part) =>
        roleName(platform, part),
      ),
    ),
    ...named('log group', 512, logGroupName(platform, 'migration')),
    ...named('task family', 255, migrationFamily(platform), migrationTemplateFamily(platform)),
    ...named('repository', 256, migrationsRepositoryName(platform)),
    ...(['cpu', 'storage', 'connections'] as const).flatMap((part) =>
      named('alarm', 255, alarmName(platform, `database-${part}`)),
    ),
    ...(['sites', 'resources', 'logs', 'state'] as const).map((kind) => ({
      kind: 'bucket',
      limit: 63,
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
      32,
      targetGroupName(platform, name, 'blue'),
      targetGroupName(platform, name, 'green'),
    ),
    ...named('task family', 255, family(platform, name), templateFamily(platform, name)),
    ...named('repository', 256, repositoryName(platform, name)),
    ...named('role', 64, roleName(platform, `${name}-task`), roleName(platform, `${name}-execution`)),
    ...(platform.delivery.smokeTest
      ? [
          ...named('Lambda function', 64, functionName(platform, `${name}-smoke-test`)),
          ...named('role', 64, roleName(platform, `${name}-smoke-test`)),
        ]
      : []),
    ...named('security group', 255, securityGroupName(platform, name)),
    ...named('log group', 512, logGroupName(platform, name)),
    ...named(
      'alarm',
      255,
      ...['errors', 'latency', 'unhealthy'].map((part) => alarmName(platform, `${name}-${part}`)),
    ),
    ...named('user of the database', 63, databaseUser(name)),
    ...named('secret', 512, databaseSecretName(platform, name)),
    ...service.secrets.map((secret, index) => ({
      kind: 'secret',
      limit: 512,
      name: serviceSecretName(platform, name, secret),
      path: `services.${name}.secrets.${index}`,
    })),
  ]
}
