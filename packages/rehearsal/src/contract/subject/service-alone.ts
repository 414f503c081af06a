/**
 * A service alone in an emulator: the platform with this one service and its database, applied and migrated. Tasks of it
 * are started beside the service's own, without a load balancer, to be measured and stopped at will.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import { DescribeDBInstancesCommand, RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds'
import type { Platform } from '@baton/config'
import { ReleaseError, serviceManifest } from '@baton/release'
import {
  openRehearsalEnvironment,
  type RehearsalEnvironment,
  type RehearsalEnvironmentOptions,
} from '../../run/environment.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** A task that runs, as this machine reaches it. */
export interface MeasuredTask {
  readonly id: string
  readonly address: Address
  /** First process of the container that takes the traffic, as this machine counts; 0 where it is elsewhere. */
  readonly pid: number
  /** When its containers ran, by `performance.now()`. */
  readonly runningAt: number
}

export interface StoppedTask {
  readonly exitCode: number | undefined
  /** From the stop signal to the end. */
  readonly tookMs: number
}

export interface ServiceAlone extends AsyncDisposable {
  readonly environment: RehearsalEnvironment
  readonly definition: TaskDefinition
  readonly containerName: string
  /** Starts a task; rejects with why it did not start. */
  run(): Promise<MeasuredTask>
  /** Undefined as long as the task runs; afterwards why it ended. */
  ended(task: MeasuredTask): Promise<string | undefined>
  /** SIGTERM, and SIGKILL after the stop time-out. */
  stop(task: MeasuredTask): Promise<StoppedTask>
  /** Lines that the task's container has logged. */
  logLines(task: MeasuredTask): Promise<number>
  /** Restarts the database; resolves when it serves again. Undefined for a platform without one. */
  readonly restartDatabase: (() => Promise<void>) | undefined
}

/** The version that the tasks are to name. */
export const checkedVersion = 'contract'

/** Throws what opening an emulator throws; a service that never becomes healthy is no error here. */
export async function openServiceAlone(
  options: Omit<RehearsalEnvironmentOptions, 'fault' | 'alterTerraform'>,
  name: string,
): Promise<ServiceAlone> {
  const platform = alone(options.platform, name)
  const environment = await openRehearsalEnvironment(
    { ...options, platform },
    checkedVersion,
    (error) => error instanceof ReleaseError && error.code === 'not-healthy',
  )
  try {
    return await serviceIn(environment, name)
  } catch (error) {
    await environment.close()
    throw error
  }
}

const alone = (platform: Platform, name: string): Platform => ({
  ...platform,
  sites: [],
  services: platform.services.filter((service) => service.name === name),
})

async function serviceIn(environment: RehearsalEnvironment, name: string): Promise<ServiceAlone> {
  const { clients, platform, emulator } = environment
  const { ecs } = clients
  const manifest = await serviceManifest(clients, platform.name, name)
  const { cluster, containerName } = manifest
  const { taskDefinition: definition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: manifest.family }),
  )
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [manifest.service] }))
  const network = services?.[0]?.taskSets?.[0]?.networkConfiguration ?? services?.[0]?.networkConfiguration
  if (!definition) throw new Error(`invariant: ${name} was released, so ${manifest.family} has a revision`)
  const logs = new CloudWatchLogsClient(emulator.clientSettings())
  const rds = new RDSClient(emulator.clientSettings())

  const describe = async (id: string): Promise<Task> => {
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [id] }))
    const [task] = tasks ?? []
    if (!task) throw new Error(`invariant: ECS knows the task ${id} that it has just started`)
    return task
  }
  const containerOf = (task: Task) => task.containers?.find((container) => container.name === containerName)

  return {
    environment,
    definition,
    containerName,
    async run() {
      const { tasks } = await ecs.send(
        new RunTaskCommand({
          cluster,
          taskDefinition: definition.taskDefinitionArn,
          launchType: 'FARGATE',
          ...(network ? { networkConfiguration: network } : {}),
        }),
      )
      const id = tasks?.[0]?.taskArn?.split('/').pop() ?? ''
      for (;;) {
        const task = await describe(id)
        const container = containerOf(task)
        if (container?.lastStatus === 'RUNNING') {
          return {
            id,
            address: { host: addressOf(task), port: manifest.containerPort },
            pid: Number(container.runtimeId?.split('-').pop() ?? 0),
            runningAt: performance.now(),
          }
        }
        if (task.lastStatus === 'STOPPED') throw new TaskEnded(reasonOf(task, containerName))
        await sleep(25)
      }
    },
    async ended({ id }) {
      const task = await describe(id)
      return task.lastStatus === 'STOPPED' || containerOf(task)?.lastStatus === 'STOPPED'
        ? reasonOf(task, containerName)
        : undefined
    },
    async stop({ id }) {
      const startedAt = performance.now()
      await ecs.send(new StopTaskCommand({ cluster, task: id, reason: 'contract check' }))
      for (;;) {
        const container = containerOf(await describe(id))
        if (container?.lastStatus === 'STOPPED') {
          return { exitCode: container.exitCode, tookMs: performance.now() - startedAt }
        }
        await sleep(25)
      }
    },
    async logLines({ id }) {
      const container = definition.containerDefinitions?.find((each) => each.name === containerName)
      const settings = container?.logConfiguration?.options ?? {}
      const { events } = await logs.send(
        new GetLogEventsCommand({
          logGroupName: settings['awslogs-group'],
          logStreamName: `${settings['awslogs-stream-prefix']}/${containerName}/${id}`,
        }),
      )
      return events?.length ?? 0
    },
    restartDatabase: platform.database ? () => restart(rds) : undefined,
    async [Symbol.asyncDispose]() {
      logs.destroy()
      rds.destroy()
      await environment.close()
    },
  }
}

/** A task did not start, or ended by itself. */
export class TaskEnded extends Error {}

const addressOf = (task: Task): string =>
  task.attachments?.flatMap(({ details = [] }) => details).find(({ name }) => name === 'privateIPv4Address')
    ?.value ?? ''

function reasonOf(task: Task, containerName: string): string {
  const container = task.containers?.find(({ name }) => name === containerName)
  const code = container?.exitCode === undefined ? '' : ` (exit code ${container.exitCode})`
  return `${container?.reason ?? task.stoppedReason ?? 'the task ended'}${code}`
}

async function restart(rds: RDSClient): Promise<void> {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}))
  const DBInstanceIdentifier = DBInstances?.[0]?.DBInstanceIdentifier
  await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }))
}
