/**
 * What has to be found before a container can start: its image, its secrets, its log group, the directories of
 * its volumes. Each thing that is missing fails the task with the words that ECS uses, so that an incident is
 * recognised here as it would be on AWS.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Mount } from '../../runtime/index.ts'
import type { StoredImage } from '../ecr/contract.ts'
import type { EcsDependencies } from './index.ts'
import type { TaskDefinitionRecord, TaskRecord } from './model.ts'

/** The error that ends a task before it runs; its message is the task's `stoppedReason`. */
export class TaskStartError extends Error {
  override readonly name = 'TaskStartError'
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export function findImage(dependencies: EcsDependencies, reference: string): StoredImage {
  const image = dependencies.registry.image(reference)
  if (image) return image
  throw new TaskStartError(
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ` +
      `${reference}: not found`,
  )
}

/** The container's variables: its definition's, the run's overrides, and its secrets' current values. */
export function containerEnvironment(
  dependencies: EcsDependencies,
  container: ContainerDefinition,
  task: TaskRecord,
): Record<string, string> {
  const environment: Record<string, string> = {}
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name)
  for (const { name, value } of [...(container.environment ?? []), ...(override?.environment ?? [])]) {
    if (name !== undefined) environment[name] = value ?? ''
  }
  for (const { name, valueFrom } of container.secrets ?? []) {
    if (name !== undefined && valueFrom !== undefined)
      environment[name] = secretValue(dependencies, valueFrom)
  }
  return environment
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html */
function secretValue(dependencies: EcsDependencies, valueFrom: string): string {
  if (!valueFrom.startsWith('arn:') || valueFrom.split(':')[2] === 'ssm') {
    const parameter = dependencies.parameters.parameter(valueFrom)
    if (parameter !== undefined) return parameter
    throw resourceInitialization(
      'unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets ' +
        `from ssm: service call has been retried 1 time(s): invalid parameters: ${valueFrom}`,
    )
  }
  const parts = valueFrom.split(':')
  const secretId = parts.slice(0, 7).join(':')
  const [jsonKey = '', stage = '', version = ''] = parts.slice(7)
  if ((stage !== '' && stage !== 'AWSCURRENT') || version !== '') {
    throw resourceInitialization(`${valueFrom}: the region keeps only the version AWSCURRENT of a secret`)
  }
  const failure =
    'unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: '
  const secret = dependencies.secrets.secretString(secretId)
  if (secret === undefined) {
    throw resourceInitialization(
      `${failure}service call has been retried 1 time(s): failed to fetch secret ${secretId} from secrets manager: ` +
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    )
  }
  if (jsonKey === '') return secret
  const value = jsonMember(secret, jsonKey)
  if (value === undefined) {
    throw resourceInitialization(
      `${failure}retrieved secret from Secrets Manager did not contain json key ${jsonKey}`,
    )
  }
  return value
}

function jsonMember(json: string, key: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(json) as Record<string, unknown>)[key]
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** The directories behind the container's mount points: of a file system, or of the task alone. */
export function containerMounts(
  dependencies: EcsDependencies,
  definition: TaskDefinitionRecord,
  container: ContainerDefinition,
  taskDirectory: string,
): Mount[] {
  return (container.mountPoints ?? []).map(({ sourceVolume = '', containerPath = '' }) => {
    const volume = definition.input.volumes?.find(({ name }) => name === sourceVolume)
    const efs = volume?.efsVolumeConfiguration
    if (!efs) {
      const directory = join(taskDirectory, sourceVolume)
      mkdirSync(directory, { recursive: true })
      return { containerPath, directory }
    }
    const directory = dependencies.fileSystems?.directory({
      fileSystemId: efs.fileSystemId ?? '',
      rootDirectory: efs.rootDirectory,
      accessPointId: efs.authorizationConfig?.accessPointId,
    })
    if (directory === undefined) {
      throw resourceInitialization(
        `failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "${efs.fileSystemId}": ` +
          'check that the file system, its access point and a mount target exist : unsuccessful EFS utils command execution',
      )
    }
    return { containerPath, directory }
  })
}

/** Where the container's lines go; undefined without the awslogs driver. */
export function logOutput(
  dependencies: EcsDependencies,
  container: ContainerDefinition,
  taskId: string,
  now: () => number,
): ((lines: readonly string[]) => void) | undefined {
  const configuration = container.logConfiguration
  if (configuration?.logDriver !== 'awslogs') return undefined
  const group = configuration.options?.['awslogs-group'] ?? ''
  const prefix = configuration.options?.['awslogs-stream-prefix'] ?? ''
  const stream = `${prefix}/${container.name}/${taskId}`
  if (!dependencies.logs.put(group, stream, [])) {
    throw resourceInitialization(
      'failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ' +
        'ResourceNotFoundException: The specified log group does not exist. : exit status 1',
    )
  }
  return (lines) =>
    void dependencies.logs.put(
      group,
      stream,
      lines.map((message) => ({ timestamp: now(), message })),
    )
}

function resourceInitialization(message: string): TaskStartError {
  return new TaskStartError(`ResourceInitializationError: ${message}`)
}
