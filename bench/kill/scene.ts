/** What is set up once, the emulator with its service and the writers, and how that service is deployed. */
import {
  CreateDeploymentCommand,
  type ECSTarget,
  GetDeploymentTargetCommand,
} from '@aws-sdk/client-codedeploy'
import { DescribeTaskDefinitionCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { pushApplication, writeApplication } from '../application.ts'
import { appSpec } from '../delivered-service.ts'
import { consistent, reasonOf, settled } from './invariants.ts'
import { names, writeExtraStack, writeRegistryStack, writeServiceStack } from './platform.ts'
import type { Stage } from './stage.ts'
import { startWriters, type Writers } from './writers.ts'

export interface Scene {
  readonly stage: Stage
  readonly writers: Writers
  readonly image: string
  readonly serviceStack: string
  readonly extraStack: string
  /** The version that has the traffic. */
  version: string
}

/** Processes and files are the caller's to take away: `stage.stop()`, `stage.directory`. */
export async function openScene(stage: Stage, options: { database: boolean }): Promise<Scene> {
  const { directory, token } = stage
  await stage.start()
  await stage.emulator().apply(writeRegistryStack(directory), { stack: 'registry' })
  const image = await push(stage, 'first', new Uint8Array(64))
  const serviceStack = writeServiceStack(directory, image, token, options.database)
  await stage.emulator().apply(serviceStack, { stack: 'service' })
  const outputs = await stage.emulator().outputs('service')
  const writers = startWriters(stage, {
    keyValueStore: String(outputs.key_value_store),
    database: options.database,
  })
  await consistent(stage)
  const first = await deploy(stage, 'undisturbed')
  const outcome = await settled(stage, first)
  if (outcome !== 'Succeeded')
    throw new Error(`the first deployment ended as ${outcome}: ${await reasonOf(stage, first)}`)
  return {
    stage,
    writers,
    image,
    serviceStack,
    extraStack: writeExtraStack(directory, image, token),
    version: await consistent(stage),
  }
}

/** Builds an image and pushes it under a tag; returns its reference. */
export async function push(stage: Stage, tag: string, padding: Uint8Array): Promise<string> {
  const folder = writeApplication(stage.directory, tag, padding)
  const destination = {
    emulator: stage.emulator(),
    ecr: stage.clients().ecr,
    repository: names.repository,
    tag,
  }
  return pushApplication(folder, destination)
}

export interface DeployOptions {
  /** Its tasks never answer a health check well. */
  readonly unwell?: boolean
  /** The hook refuses the version. */
  readonly refused?: boolean
}

/** Registers a revision and begins to deploy it; returns the deployment's id. */
export async function deploy(stage: Stage, version: string, options: DeployOptions = {}): Promise<string> {
  const { ecs, codedeploy } = stage.clients()
  const { taskDefinition: template } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: 'api' }),
  )
  const [container] = template?.containerDefinitions ?? []
  const environment = [
    ...(container?.environment?.filter(({ name }) => name === 'KILL_TOKEN') ?? []),
    { name: 'VERSION', value: version },
    ...(options.unwell ? [{ name: 'UNWELL', value: 'yes' }] : []),
  ]
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'api',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ ...container, environment }],
    }),
  )
  const content = appSpec(taskDefinition?.taskDefinitionArn, [
    { BeforeInstall: 'approve' },
    { AfterAllowTestTraffic: options.refused ? 'refuse' : 'approve' },
    { AfterAllowTraffic: 'approve' },
  ])
  const { deploymentId = '' } = await codedeploy.send(
    new CreateDeploymentCommand({
      applicationName: names.application,
      deploymentGroupName: names.group,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
    }),
  )
  return deploymentId
}

/** The steps of a deployment in which it is killed, in their order. */
export const steps = [
  'creation',
  'BeforeInstall',
  'Install',
  'AllowTestTraffic',
  'AfterAllowTestTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
  'termination',
  'end',
] as const
export type Step = (typeof steps)[number]

/** Where a deployment is: its life-cycle event under way, or what comes before and after all of them. */
export async function stepOf(stage: Stage, deploymentId: string): Promise<Step | string> {
  const { lifecycleEvents = [], status = 'Unknown' } = await targetOf(stage, deploymentId)
  if (status !== 'InProgress' && status !== 'Pending') return 'end'
  const event = lifecycleEvents.find((each) => each.status === 'InProgress')?.lifecycleEventName
  if (event !== undefined) return event
  return lifecycleEvents.at(-1)?.status === 'Succeeded' ? 'termination' : 'creation'
}

/** Whether all traffic has moved. */
export async function allMoved(stage: Stage, deploymentId: string): Promise<boolean> {
  const { lifecycleEvents = [] } = await targetOf(stage, deploymentId)
  return lifecycleEvents.some(
    ({ lifecycleEventName, status }) => lifecycleEventName === 'AllowTraffic' && status === 'Succeeded',
  )
}

async function targetOf({ clients }: Stage, deploymentId: string): Promise<ECSTarget> {
  const { deploymentTarget } = await clients().codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId: `${names.cluster}:${names.service}` }),
  )
  return deploymentTarget?.ecsTarget ?? {}
}
