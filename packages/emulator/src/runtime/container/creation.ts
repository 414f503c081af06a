/**
 * What an engine is asked to create for a container of a task: the definition's words in those of the Engine API, the
 * image's defaults left to the engine, and of the emulator's own only trust, metadata and names.
 *
 * https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerCreate
 */
import type { ImageConfig } from '../../services/ecr/contract.ts'
import type { ContainerSpec, Mount, TaskSpec } from '../task/task-runtime.ts'
import type { Engine } from './engine/find-engine.ts'
import { type EmulatorNaming, emulatorLabel, taskLabel } from './engine/naming.ts'
import type { Trust } from './trust/trust.ts'

const mebibyte = 1024 * 1024
/** CPU units of a vCPU, and what the engine counts in. */
const cpuUnits = 1024
const nanoCpus = 1e9

export interface CreationInput {
  readonly spec: ContainerSpec
  readonly task: Pick<TaskSpec, 'cpu' | 'memoryMiB'>
  /** By which the engine knows the image. */
  readonly imageName: string
  /** Id of the container that holds the task's network namespace. */
  readonly pauseId: string
  /** On this machine. */
  readonly hostsFile: string
  readonly trust: Trust
  readonly naming: EmulatorNaming
  readonly engine: Pick<Engine, 'cpus' | 'name'>
  readonly hostname: string
}

export function creationOf(input: CreationInput): object {
  const { spec, naming } = input
  const environment = environmentOf(input)
  return {
    Image: input.imageName,
    // Docker gives a container that of the namespace that it shares, and takes no other.
    ...(input.engine.name === 'Podman' ? { Hostname: input.hostname } : {}),
    ...commandOf(spec),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(spec.workingDirectory === undefined ? {} : { WorkingDir: spec.workingDirectory }),
    ...(spec.user === undefined ? {} : { User: spec.user }),
    // ECS ignores the image's: its own checks are in the definition.
    Healthcheck: { Test: ['NONE'] },
    Labels: { ...spec.dockerLabels, [emulatorLabel]: naming.mark, [taskLabel]: spec.taskId },
    HostConfig: hostConfig(input, environment),
  }
}

/** An entry point of the definition drops the image's command, too. */
function commandOf({ entryPoint, command, image }: ContainerSpec): object {
  const own = image.config.config ?? {}
  const first = entryPoint?.length ? entryPoint : (own.Entrypoint ?? [])
  const rest = command?.length ? command : entryPoint?.length ? [] : (own.Cmd ?? [])
  if (first.length + rest.length === 0)
    throw new Error(
      'CannotStartContainerError: no command is specified, neither by the image nor by the definition',
    )
  // Without an entry point the engine would take the image's.
  return first.length > 0 ? { Entrypoint: first, Cmd: rest } : { Cmd: rest }
}

function environmentOf({ spec, trust }: CreationInput): Record<string, string> {
  const own = { ...variablesOf(spec.image.config), ...spec.environment, ...spec.platformEnvironment }
  const added = trust.variables(own)
  // What the image sets, the engine sets.
  return { ...spec.environment, ...spec.platformEnvironment, ...added }
}

function variablesOf({ config }: ImageConfig): Record<string, string> {
  return Object.fromEntries(
    (config?.Env ?? []).map((variable) => {
      const [name = ''] = variable.split('=', 1)
      return [name, variable.slice(name.length + 1)]
    }),
  )
}

function hostConfig(input: CreationInput, environment: Readonly<Record<string, string>>): object {
  const { spec, task, trust, engine } = input
  const memory = leastOf(spec.memoryMiB, task.memoryMiB)
  const own = { ...variablesOf(spec.image.config), ...environment }
  const mounts = [
    ...spec.mounts,
    ...trust.mounts(own),
    { containerPath: '/etc/hosts', directory: input.hostsFile },
  ]
  return {
    NetworkMode: `container:${input.pauseId}`,
    Mounts: mounts.map(bindMount),
    ReadonlyRootfs: spec.readonlyRootFilesystem ?? false,
    Tmpfs: Object.fromEntries(
      (spec.tmpfs ?? []).map(({ containerPath, sizeMiB, mountOptions = [] }) => [
        containerPath,
        [`size=${sizeMiB}m`, ...mountOptions].join(','),
      ]),
    ),
    ...(memory === undefined ? {} : { Memory: memory * mebibyte, MemorySwap: memory * mebibyte }),
    ...(spec.memoryReservationMiB === undefined
      ? {}
      : { MemoryReservation: spec.memoryReservationMiB * mebibyte }),
    // More than the machine has would be refused.
    ...(task.cpu === undefined ? {} : { NanoCpus: Math.min(task.cpu / cpuUnits, engine.cpus) * nanoCpus }),
    ...(spec.cpu === undefined ? {} : { CpuShares: Math.max(2, spec.cpu) }),
    ...(spec.ulimits?.length
      ? {
          Ulimits: spec.ulimits.map(({ name, softLimit, hardLimit }) => ({
            Name: name,
            Soft: softLimit,
            Hard: hardLimit,
          })),
        }
      : {}),
    ...(spec.initProcessEnabled ? { Init: true } : {}),
    ...(spec.sharedMemoryMiB === undefined ? {} : { ShmSize: spec.sharedMemoryMiB * mebibyte }),
    ...(spec.capabilities ? { CapAdd: spec.capabilities.add, CapDrop: spec.capabilities.drop } : {}),
    // The emulator reads the output as it is written; a copy on disk would only grow.
    LogConfig: { Type: 'none' },
  }
}

function bindMount({ containerPath, directory, readOnly }: Mount): object {
  return { Type: 'bind', Source: directory, Target: containerPath, ReadOnly: readOnly ?? false }
}

function leastOf(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
