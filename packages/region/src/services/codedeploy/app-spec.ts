/**
 * The AppSpec file of an ECS deployment: which task definition, which container and port the load balancer
 * reaches, which Lambda functions to ask between the steps. YAML, or JSON, which is YAML too.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html#reference-appspec-file-structure-resources-ecs
 */
import { parse } from 'yaml'

export const hookNames = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const
export type HookName = (typeof hookNames)[number]

export interface AppSpec {
  readonly taskDefinition: string
  readonly containerName: string
  readonly containerPort: number
  /** Lambda function by life-cycle event. */
  readonly hooks: Readonly<Partial<Record<HookName, string>>>
}

/** What the deployment's error information says when its AppSpec cannot be used. */
export class InvalidAppSpec extends Error {
  override name = 'InvalidAppSpec'
  constructor(reason: string) {
    super(
      'The deployment failed because the AppSpec file that specifies the deployment configuration is missing or ' +
        `has an invalid configuration. ${reason}`,
    )
  }
}

export function parseAppSpec(content: string): AppSpec {
  const document = readDocument(content)
  const resources = list(member(document, 'Resources'))
  if (resources.length !== 1)
    throw new InvalidAppSpec('The AppSpec file must contain exactly one resource in Resources.')
  const service = Object.values(resources[0] ?? {})[0]
  if (member(service, 'Type') !== 'AWS::ECS::Service') {
    throw new InvalidAppSpec(
      `The resource type must be AWS::ECS::Service, not ${String(member(service, 'Type'))}.`,
    )
  }
  const properties = member(service, 'Properties')
  const loadBalancer = member(properties, 'LoadBalancerInfo')
  return {
    taskDefinition: text(properties, 'TaskDefinition'),
    containerName: text(loadBalancer, 'ContainerName'),
    containerPort: port(loadBalancer),
    hooks: hooks(document),
  }
}

function readDocument(content: string): unknown {
  let document: unknown
  try {
    document = parse(content)
  } catch {
    throw new InvalidAppSpec(
      'The input AppSpec file is a not well-formed yaml. The template cannot be parsed.',
    )
  }
  if (!isObject(document)) {
    throw new InvalidAppSpec(
      'The input AppSpec file is a not well-formed yaml. The template cannot be parsed.',
    )
  }
  return document
}

function hooks(document: unknown): Partial<Record<HookName, string>> {
  const found: Partial<Record<HookName, string>> = {}
  for (const entry of list(member(document, 'Hooks'))) {
    for (const [name, functionName] of Object.entries(entry)) {
      if (!(hookNames as readonly string[]).includes(name)) {
        throw new InvalidAppSpec(
          `The hook ${name} is not a life-cycle event of an ECS deployment that takes a hook.`,
        )
      }
      if (typeof functionName !== 'string' || functionName === '') {
        throw new InvalidAppSpec(`The hook ${name} must name a Lambda function.`)
      }
      found[name as HookName] = functionName
    }
  }
  return found
}

function text(value: unknown, name: string): string {
  const found = member(value, name)
  if (typeof found !== 'string' || found === '') throw new InvalidAppSpec(`The property ${name} is required.`)
  return found
}

function port(loadBalancer: unknown): number {
  const found = Number(member(loadBalancer, 'ContainerPort'))
  if (!Number.isInteger(found) || found < 1 || found > 65_535) {
    throw new InvalidAppSpec('The property ContainerPort must be a port number.')
  }
  return found
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** AppSpec sections are written in either case: `Resources` and `resources`. */
function member(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : value[key]
}
