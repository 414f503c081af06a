/**
 * The AppSpec file of an ECS deployment: which task definition, which container and port the load balancer
 * reaches, what the task set has instead of the service, which Lambda functions run between the steps. YAML, or JSON, which
 * is YAML too. Comes from anybody, so it is bounded, and everything that is not an AppSpec is refused by name.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html#ecs-appspec-structure
 */
import { parse } from 'yaml'
import { isObject } from '../../../json-object.ts'
import type { CapacityProviderItem, TaskSetNetwork } from '../../ecs/contract.ts'
import { InvalidAppSpec, list, members, port, text } from './app-spec-values.ts'

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
  readonly platformVersion?: string
  readonly network?: TaskSetNetwork
  readonly capacityProviderStrategy?: readonly CapacityProviderItem[]
  /** Lambda function by life-cycle event. */
  readonly hooks: Readonly<Partial<Record<HookName, string>>>
}

/** A real one has a few hundred bytes; while one is read, nothing else runs. */
const maximumBytes = 16 * 1024
/**
 * What no AppSpec has and for which a parser's time grows with the square of their number: explicit keys, levels
 * within levels, many of them in brackets.
 */
const tangled = [/(?:^|[\s[{,])\?(?:\s|$)/m, /^ {80}/m, /(?:[-:][ \t]+){20}/, /(?:[[{][^[{]*){200}/]
const notWellFormed = 'The input AppSpec file is a not well-formed yaml. The template cannot be parsed.'

/** Throws `InvalidAppSpec`. */
export function parseAppSpec(content: string): AppSpec {
  const {
    version,
    Resources: resources,
    Hooks: hooks,
  } = members(readDocument(content), 'the AppSpec file', ['version', 'Resources', 'Hooks'])
  // The documentation allows 0.0 only. CodeDeploy takes 1 as well: public scripts have written it for years.
  if (![0, 1].includes(Number(version)) || version === '' || version === null) {
    throw new InvalidAppSpec('The version must be 0.0.')
  }
  const [resource, ...more] = list(resources, 'Resources')
  const [[name, service] = [], ...others] = isObject(resource) ? Object.entries(resource) : []
  if (name === undefined || more.length > 0 || others.length > 0) {
    throw new InvalidAppSpec('The AppSpec file must contain exactly one resource in Resources.')
  }
  const { Type: type, Properties: properties } = members(service, name, ['Type', 'Properties'])
  if (type !== 'AWS::ECS::Service') {
    throw new InvalidAppSpec(
      `The resource type must be AWS::ECS::Service, not ${String(type).slice(0, 100)}.`,
    )
  }
  return { ...readProperties(properties), hooks: readHooks(hooks) }
}

function readDocument(content: string): unknown {
  if (Buffer.byteLength(content) > maximumBytes) {
    throw new InvalidAppSpec(`It is larger than ${maximumBytes} bytes.`)
  }
  try {
    if (tangled.some((pattern) => pattern.test(content))) throw new InvalidAppSpec(notWellFormed)
    // Comparing every key with every other would take minutes for thousands of keys.
    const document: unknown = parse(content, { uniqueKeys: false, maxAliasCount: 50, logLevel: 'silent' })
    if (isObject(document)) return document
  } catch {
    // Reported below: AWS does not say where either.
  }
  throw new InvalidAppSpec(notWellFormed)
}

function readProperties(properties: unknown): Omit<AppSpec, 'hooks'> {
  const given = members(properties, 'Properties', [
    'TaskDefinition',
    'LoadBalancerInfo',
    'PlatformVersion',
    'NetworkConfiguration',
    'CapacityProviderStrategy',
  ])
  const loadBalancer = members(given.LoadBalancerInfo, 'LoadBalancerInfo', ['ContainerName', 'ContainerPort'])
  const network = readNetwork(given.NetworkConfiguration)
  const strategy = readStrategy(given.CapacityProviderStrategy)
  return {
    taskDefinition: text(given.TaskDefinition, 'TaskDefinition'),
    containerName: text(loadBalancer.ContainerName, 'ContainerName'),
    containerPort: port(loadBalancer.ContainerPort),
    ...(isLeftOut(given.PlatformVersion)
      ? {}
      : { platformVersion: text(given.PlatformVersion, 'PlatformVersion') }),
    ...(network === undefined ? {} : { network }),
    ...(strategy === undefined ? {} : { capacityProviderStrategy: strategy }),
  }
}

/** Written with nothing in it, as AWS's template has it, an optional property is not there. */
const isLeftOut = (value: unknown) => value === undefined || value === null || value === ''

/** "All or none of the settings under NetworkConfiguration must be specified." */
function readNetwork(given: unknown): TaskSetNetwork | undefined {
  if (isLeftOut(given)) return undefined
  const { AwsvpcConfiguration: inner } = members(given, 'NetworkConfiguration', ['AwsvpcConfiguration'])
  if (isLeftOut(inner)) return undefined
  const names = ['Subnets', 'SecurityGroups', 'AssignPublicIp'] as const
  const network = members(inner, 'AwsvpcConfiguration', names)
  if (names.every((name) => isLeftOut(network[name]))) return undefined
  const missing = names.filter((name) => isLeftOut(network[name]))
  if (missing.length > 0) {
    throw new InvalidAppSpec(
      `All or none of the settings under NetworkConfiguration must be specified; missing: ${missing.join(', ')}.`,
    )
  }
  const assignPublicIp = network.AssignPublicIp
  if (assignPublicIp !== 'ENABLED' && assignPublicIp !== 'DISABLED') {
    throw new InvalidAppSpec('The property AssignPublicIp must be ENABLED or DISABLED.')
  }
  return {
    subnets: list(network.Subnets, 'Subnets').map((each) => text(each, 'Subnets')),
    securityGroups: list(network.SecurityGroups, 'SecurityGroups').map((each) =>
      text(each, 'SecurityGroups'),
    ),
    assignPublicIp,
  }
}

/** One base, and of several providers at least one with a weight. */
function readStrategy(given: unknown): CapacityProviderItem[] | undefined {
  if (isLeftOut(given)) return undefined
  const items = list(given, 'CapacityProviderStrategy').map((each) => {
    const item = members(each, 'CapacityProviderStrategy', ['CapacityProvider', 'Base', 'Weight'])
    return {
      capacityProvider: text(item.CapacityProvider, 'CapacityProvider'),
      base: count(item.Base, 'Base', 100_000),
      weight: count(item.Weight, 'Weight', 1_000),
    }
  })
  if (items.length === 0) return undefined
  if (items.filter(({ base }) => base > 0).length > 1) {
    throw new InvalidAppSpec('Only one capacity provider in a strategy can have a Base.')
  }
  if (items.length > 1 && items.every(({ weight }) => weight === 0)) {
    throw new InvalidAppSpec('At least one capacity provider in a strategy must have a Weight above 0.')
  }
  return items
}

function count(value: unknown, name: string, maximum: number): number {
  const found = isLeftOut(value) ? 0 : Number(value)
  if (Number.isInteger(found) && found >= 0 && found <= maximum) return found
  throw new InvalidAppSpec(`The property ${name} must be a whole number from 0 to ${maximum}.`)
}

function readHooks(given: unknown): AppSpec['hooks'] {
  const found: Partial<Record<HookName, string>> = {}
  for (const entry of isLeftOut(given) ? [] : list(given, 'Hooks')) {
    if (!isObject(entry)) throw new InvalidAppSpec('Each entry of Hooks must name a life-cycle event.')
    for (const [key, functionName] of Object.entries(entry)) {
      const name = hookNames.find((candidate) => candidate === key)
      if (name === undefined) {
        throw new InvalidAppSpec(
          `The hook ${key.slice(0, 100)} is not a life-cycle event of an ECS deployment that takes a hook.`,
        )
      }
      if (found[name] !== undefined) throw new InvalidAppSpec(`The hook ${name} is named twice.`)
      found[name] = text(functionName, name)
    }
  }
  return found
}
