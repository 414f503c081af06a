/** Completes what runs: images, containers, traffic of services; jobs. */
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import type { Site } from './platform.ts'
import type { container as containerSchema } from './schema/container.ts'
import type { ImageInput } from './schema/image-source.ts'
import { health } from './schema/service.ts'
import type { CheckedInput } from './schema.ts'
import type { Container, ImageSource, Job, ProcessOverrides, Service, TaskSize, Traffic } from './service.ts'

type ServiceInput = CheckedInput['services'][string]
type JobInput = CheckedInput['jobs'][string]
type ContainerInput = z.output<typeof containerSchema>
type Process = Pick<
  ContainerInput,
  'command' | 'entryPoint' | 'user' | 'workingDirectory' | 'readonlyRootFilesystem'
>

const defaultEntry = 'src/main.ts'
const defaultPort = 8080
const defaultPaths: readonly string[] = ['/api/*']

/** Where there is none or more than one, `checks/images.ts` says so: this takes the first, or a stand-in. */
export function completeImage(input: ImageInput, rootDir: string): ImageSource {
  const path = (relative: string) => resolve(rootDir, relative)
  if (input.source === undefined && input.jar !== undefined) {
    const { build, ...jar } = { build: undefined, ...input.jar }
    const built = build === undefined ? {} : { build: { ...build, folder: path(build.folder) } }
    return { kind: 'jar', ...jar, path: path(jar.path), ...built }
  }
  if (input.source === undefined && input.dockerfile !== undefined) {
    const { context, target, ...file } = { context: undefined, target: undefined, ...input.dockerfile }
    return {
      kind: 'dockerfile',
      path: path(file.path),
      context: context === undefined ? dirname(path(file.path)) : path(context),
      args: file.args,
      ...(target === undefined ? {} : { target }),
    }
  }
  if (input.source === undefined && input.image !== undefined)
    return { kind: 'image', reference: input.image }
  return { kind: 'source', folder: path(input.source ?? '.'), entry: input.entry ?? defaultEntry }
}

export function completeProcess(input: Process): ProcessOverrides {
  const { command, entryPoint, user, workingDirectory, readonlyRootFilesystem } = input
  return {
    ...(command === undefined ? {} : { command }),
    ...(entryPoint === undefined ? {} : { entryPoint }),
    ...(user === undefined ? {} : { user }),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    readonlyRootFilesystem,
  }
}

type CommonInput = Omit<ContainerInput, 'essential' | 'cpu' | 'memoryMiB'>

function completeContainer(name: string, input: CommonInput, rootDir: string): Container {
  const { port, healthCheck, environment, secrets, dependsOn } = input
  return {
    name,
    image: completeImage(input, rootDir),
    ...completeProcess(input),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    ...(port === undefined ? {} : { port }),
    environment,
    secrets,
    dependsOn,
    essential: true,
  }
}

/** Bundled code and jars listen where PORT says; what others listen on, only their author knows. */
function mainContainer(name: string, input: ServiceInput, rootDir: string): Container {
  const main = completeContainer(name, input, rootDir)
  const listens = ['source', 'jar'].includes(main.image.kind)
  return main.port !== undefined || input.worker || !listens ? main : { ...main, port: defaultPort }
}

function sideContainer(name: string, input: ContainerInput, rootDir: string): Container {
  const { essential, cpu, memoryMiB } = input
  return {
    ...completeContainer(name, input, rootDir),
    essential,
    ...(cpu === undefined ? {} : { cpu }),
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
  }
}

const taskSize = ({
  cpu,
  memoryMiB,
  ephemeralStorageGiB,
  architecture,
}: ServiceInput | JobInput): TaskSize => ({
  cpu,
  memoryMiB,
  ...(ephemeralStorageGiB === undefined ? {} : { ephemeralStorageGiB }),
  architecture,
})

export function completeService(
  name: string,
  input: ServiceInput,
  context: { rootDir: string; sites: readonly Site[]; hasDatabase: boolean },
): Service {
  const { rootDir, sites, hasDatabase } = context
  const main = mainContainer(name, input, rootDir)
  const others = Object.entries(input.containers).map(([other, spec]) => sideContainer(other, spec, rootDir))
  const hosts = sites.filter(({ services }) => services.includes(name)).map(({ host }) => host)
  return {
    name,
    containers: [main, ...others],
    ...taskSize(input),
    ...(input.worker ? {} : { traffic: completeTraffic(input, [main, ...others], hosts) }),
    tasks: input.tasks,
    scaling: input.scaling,
    stopTimeoutSeconds: input.stopTimeoutSeconds,
    database: input.database ?? hasDatabase,
    exec: input.exec,
  }
}

function completeTraffic(
  input: ServiceInput,
  containers: readonly [Container, ...Container[]],
  hosts: readonly string[],
): Traffic {
  const name = input.traffic ?? containers[0].name
  const taker = containers.find((each) => each.name === name) ?? containers[0]
  const { stickinessSeconds } = input
  return {
    container: taker.name,
    // `checks/containers.ts` asks for the port where there is none.
    port: taker.port ?? defaultPort,
    hosts,
    paths: input.paths ?? defaultPaths,
    ...(stickinessSeconds === undefined ? {} : { stickinessSeconds }),
    health: input.health ?? health.parse({}),
    drainSeconds: input.drainSeconds,
  }
}

/** A job of a service is its main container with another command: nothing calls it, and nothing checks its health. */
export function completeJob(
  name: string,
  input: JobInput,
  context: { rootDir: string; services: readonly Service[]; hasDatabase: boolean },
): Job {
  const owner = context.services.find((service) => service.name === input.service)
  const main = owner?.containers[0]
  const container: Container = {
    name,
    image: main?.image ?? completeImage(input, context.rootDir),
    ...completeProcess(input),
    environment: { ...main?.environment, ...input.environment },
    secrets: [...new Set([...(main?.secrets ?? []), ...input.secrets])],
    dependsOn: {},
    essential: true,
  }
  return {
    name,
    ...(input.service === undefined ? {} : { service: input.service }),
    container,
    ...taskSize(input),
    schedule: input.schedule,
    timeZone: input.timeZone,
    timeoutMinutes: input.timeoutMinutes,
    overlap: input.overlap,
    stopTimeoutSeconds: input.stopTimeoutSeconds,
    database: input.database ?? owner?.database ?? context.hasDatabase,
  }
}
