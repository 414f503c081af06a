/**
 * The container definitions of a task template: they decide everything about what runs, except for the images, which
 * a release adds by digest. Written as JSON, as ECS takes it.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
import type { Container, ContainerHealthCheck, TaskSize } from '@baton/config'
import { literal } from '../terraform/literal.ts'

/** Where a task writes its log files. */
export const logDirectory = '/var/log/app'
const logVolumeName = 'logs'

export interface ContainerSpec
  extends Pick<Container, 'name' | 'port'>,
    Partial<Omit<Container, 'name' | 'port' | 'image' | 'environment' | 'secrets'>> {
  readonly repositoryUrl: string
  readonly region: string
  readonly logGroup: string
  /** Whether the volume of the log files is mounted. */
  readonly logFiles: boolean
  readonly stopTimeoutSeconds: number
  readonly environment: Readonly<Record<string, string>>
  /** ARN (and JSON key) of each secret by the name of its environment variable. */
  readonly secrets: Readonly<Record<string, string>>
  /** Name of the port's mapping. */
  readonly portName?: string
}

export const containerDefinitions = (specs: readonly ContainerSpec[]): string =>
  JSON.stringify(specs.map(containerDefinition))

function containerDefinition(spec: ContainerSpec) {
  const { port, portName, dependsOn = {}, healthCheck } = spec
  return {
    name: spec.name,
    image: `${spec.repositoryUrl}:template`,
    essential: spec.essential ?? true,
    // ECS's default; written here, so that a plan shows no difference.
    cpu: spec.cpu ?? 0,
    ...(spec.memoryMiB === undefined ? {} : { memory: spec.memoryMiB }),
    ...processOf(spec),
    portMappings:
      port === undefined
        ? []
        : [
            {
              containerPort: port,
              hostPort: port,
              protocol: 'tcp',
              ...(portName === undefined ? {} : { name: portName }),
            },
          ],
    environment: sorted(spec.environment).map(([name, value]) => ({ name, value })),
    secrets: sorted(spec.secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    mountPoints: spec.logFiles
      ? [{ sourceVolume: logVolumeName, containerPath: logDirectory, readOnly: false }]
      : [],
    volumesFrom: [],
    systemControls: [],
    stopTimeout: spec.stopTimeoutSeconds,
    linuxParameters: { initProcessEnabled: true },
    ...(spec.readonlyRootFilesystem === true ? { readonlyRootFilesystem: true } : {}),
    ...(Object.keys(dependsOn).length === 0
      ? {}
      : { dependsOn: sorted(dependsOn).map(([containerName, condition]) => ({ containerName, condition })) }),
    ...(healthCheck === undefined ? {} : { healthCheck: check(healthCheck) }),
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': spec.logGroup,
        'awslogs-region': spec.region,
        'awslogs-stream-prefix': spec.name,
      },
    },
  }
}

const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))

/** What a user writes is no Terraform: `${…}` in it stays as it is. */
function processOf({ command, entryPoint, user, workingDirectory }: ContainerSpec) {
  return {
    ...(command === undefined ? {} : { command: command.map(literal) }),
    ...(entryPoint === undefined ? {} : { entryPoint: entryPoint.map(literal) }),
    ...(user === undefined ? {} : { user: literal(user) }),
    ...(workingDirectory === undefined ? {} : { workingDirectory: literal(workingDirectory) }),
  }
}

const check = (healthCheck: ContainerHealthCheck) => ({
  command: healthCheck.command.map(literal),
  interval: healthCheck.intervalSeconds,
  timeout: healthCheck.timeoutSeconds,
  retries: healthCheck.retries,
  ...(healthCheck.startPeriodSeconds === 0 ? {} : { startPeriod: healthCheck.startPeriodSeconds }),
})

export const logVolume = (fileSystemId: string, accessPointId: string) => ({
  name: logVolumeName,
  efsVolumeConfiguration: {
    fileSystemId,
    transitEncryption: 'ENABLED',
    authorizationConfig: { accessPointId, iam: 'ENABLED' },
  },
})

/** What Fargate gives the task, as the task definition says it. */
export const taskSize = ({ cpu, memoryMiB, ephemeralStorageGiB, architecture }: TaskSize) => ({
  cpu: String(cpu),
  memory: String(memoryMiB),
  ...(ephemeralStorageGiB === undefined ? {} : { ephemeralStorage: { sizeInGib: ephemeralStorageGiB } }),
  runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: architecture },
})
