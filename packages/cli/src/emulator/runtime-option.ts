/**
 * What runs the tasks of an emulator, as commands that start one take it: `--runtime` and `--base-image`. An engine that is
 * needed and missing is reported here, before anything is built.
 */
import type { ImageSource, Platform } from '@baton/config'
import { type RuntimeChoice, requireEngine, runtimeChoices } from '@baton/emulator/client'
import type { BuildOptions } from '@baton/release'
import { UsageError } from '../usage-error.ts'

/** For `command.option(...)`. */
export const runtimeOption: [flags: string, description: string, value: string] = [
  '--runtime <kind>',
  'what runs tasks: process, container, or auto: processes for what Baton builds from sources and jars, containers of Docker or Podman for the rest',
  'auto',
]

export interface EmulatorRuntime {
  readonly choice: RuntimeChoice
  /** How images are built for it. */
  readonly builds: Pick<BuildOptions, 'base' | 'architecture'>
}

/**
 * Throws `UsageError` for a name that is none, and for a service that processes cannot run; `EmulatorError` where a
 * container engine is needed and there is none.
 */
export async function emulatorRuntime(
  platform: Platform,
  options: { readonly runtime: string; readonly baseImage: string },
): Promise<EmulatorRuntime> {
  const choice = runtimeNamed(options.runtime)
  const needing = choice === 'container' ? [] : withoutProcess(platform)
  if (choice === 'process' && needing.length > 0) {
    throw new UsageError(
      `--runtime process cannot run ${needing.join(', ')}: processes run what Baton builds from sources and jars.`,
      'Use --runtime auto, which takes containers for the rest.',
    )
  }
  if (choice !== 'container' && needing.length === 0) return { choice, builds: {} }
  await requireEngine(choice === 'container' ? '--runtime container' : needing.join(', '))
  const base = options.baseImage === 'none' ? undefined : { reference: options.baseImage }
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  return { choice, builds: { architecture, ...(base ? { base } : {}) } }
}

function runtimeNamed(text: string): RuntimeChoice {
  const known = runtimeChoices.find((choice) => choice === text)
  if (known !== undefined) return known
  throw new UsageError(`--runtime is "${text}".`, `Choose one of ${runtimeChoices.join(', ')}.`)
}

/** Services and jobs with an image that stands on its own base. */
function withoutProcess({ services, jobs }: Platform): string[] {
  const needs = ({ kind }: ImageSource) => kind === 'dockerfile' || kind === 'image'
  return [
    ...services.flatMap(({ name, containers }) =>
      containers.some(({ image }) => needs(image)) ? [`service ${name}`] : [],
    ),
    ...jobs.flatMap(({ name, container }) => (needs(container.image) ? [`job ${name}`] : [])),
  ]
}
