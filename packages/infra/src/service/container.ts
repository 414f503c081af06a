/**
 * The container definition of a task template: it decides everything about what runs, except for the image, which
 * a release adds by digest. Written as JSON, as ECS takes it.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */

/** Where a task writes its log files. */
const logDirectory = '/var/log/app'
const logVolumeName = 'logs'

export interface ContainerSpec {
  readonly name: string
  readonly repositoryUrl: string
  readonly region: string
  readonly logGroup: string
  /** Whether the volume of the log files is mounted. */
  readonly logFiles: boolean
  readonly port?: number
  readonly stopTimeoutSeconds: number
  /** Whether the container may write to its volumes only. */
  readonly readonlyRootFilesystem: boolean
  readonly environment: Readonly<Record<string, string>>
  /** ARN (and JSON key) of each secret by the name of its environment variable. */
  readonly secrets: Readonly<Record<string, string>>
}

export function containerDefinition(spec: ContainerSpec): string {
  const environment = { ...spec.environment, ...(spec.logFiles ? { LOG_DIR: logDirectory } : {}) }
  return JSON.stringify([
    {
      name: spec.name,
      image: `${spec.repositoryUrl}:template`,
      essential: true,
      // ECS's default; written here, so that a plan shows no difference.
      cpu: 0,
      portMappings:
        spec.port === undefined
          ? []
          : [{ containerPort: spec.port, hostPort: spec.port, protocol: 'tcp', name: 'http' }],
      environment: Object.entries(environment)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => ({ name, value })),
      secrets: Object.entries(spec.secrets)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, valueFrom]) => ({ name, valueFrom })),
      mountPoints: spec.logFiles
        ? [{ sourceVolume: logVolumeName, containerPath: logDirectory, readOnly: false }]
        : [],
      volumesFrom: [],
      systemControls: [],
      stopTimeout: spec.stopTimeoutSeconds,
      linuxParameters: { initProcessEnabled: true },
      ...(spec.readonlyRootFilesystem ? { readonlyRootFilesystem: true } : {}),
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': spec.logGroup,
          'awslogs-region': spec.region,
          'awslogs-stream-prefix': spec.name,
        },
      },
    },
  ])
}

export const logVolume = (fileSystemId: string, accessPointId: string) => ({
  name: logVolumeName,
  efsVolumeConfiguration: {
    fileSystemId,
    transitEncryption: 'ENABLED',
    authorizationConfig: { accessPointId, iam: 'ENABLED' },
  },
})

export const runtimePlatform = (cpuArchitecture: 'ARM64' | 'X86_64') => ({
  operatingSystemFamily: 'LINUX',
  cpuArchitecture,
})
