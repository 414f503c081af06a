/**
 * Every difference between what a container gets on AWS and what its process gets here. All of them are
 * in this file, so that it is the list of what the process runtime changes:
 *
 * - command: `node` is the emulator's own Node, `java` is this machine's; absolute paths are looked for below the image's
 *   unpacked root
 * - `PORT` and `HOST`: the address and port that are this task's own; for Spring Boot also `SERVER_ADDRESS` and, where the
 *   port is another one, `SERVER_PORT`
 * - `JAVA_TOOL_OPTIONS`: the JVM's trust and the task's memory are added (`java/java-options.ts`)
 * - names of the emulator (a database's endpoint) become an endpoint that this task can reach
 * - `localhost` in the command of a health check is the task's own address
 * - mount points become directories of this machine
 * - trust: the emulator's authority is added (`NODE_EXTRA_CA_CERTS`, files named like the CA bundle of RDS)
 * - of the emulator's own environment only what a program needs to start gets through
 */
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { ImageConfig } from '../../services/ecr/contract.ts'
import type { ReachableName } from '../network/name-forwarders.ts'
import type { Mount } from '../task/task-runtime.ts'
import type { JavaHome } from './java/find-java.ts'
import { type JavaLimits, javaToolOptions } from './java/java-options.ts'

export interface SubstitutionInput {
  readonly image: ImageConfig
  /** The image's unpacked root directory. */
  readonly root: string
  readonly entryPoint?: readonly string[] | undefined
  readonly command?: readonly string[] | undefined
  readonly workingDirectory?: string | undefined
  /** The image's, the definition's and the secrets' variables, merged. */
  readonly environment: Readonly<Record<string, string>>
  readonly platformEnvironment: Readonly<Record<string, string>>
  readonly address: string
  readonly port: number | undefined
  /** As the definition says it. */
  readonly containerPort?: number | undefined
  /** For an image whose command is Java's. */
  readonly java?: (JavaHome & JavaLimits) | undefined
  readonly names: readonly ReachableName[]
  readonly mounts: readonly Mount[]
  readonly certificateFile: string
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>
}

export interface ProcessPlan {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** The image's variables with the container's over them. */
export function mergedEnvironment(
  image: ImageConfig,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const variable of image.config?.Env ?? []) {
    const equals = variable.indexOf('=')
    if (equals > 0) merged[variable.slice(0, equals)] = variable.slice(equals + 1)
  }
  return { ...merged, ...environment }
}

/** What to start in place of the container. */
export function substitute(input: SubstitutionInput): ProcessPlan {
  const [file, ...args] = commandOf(input)
  if (file === undefined) throw new Error('the image and the container definition name no command')
  const directory = input.workingDirectory ?? input.image.config?.WorkingDir ?? '/'
  return {
    file: executable(file, input),
    args: args.map((argument) => localPath(replaceMounts(argument, input.mounts), input.root)),
    cwd: mountedDirectory(directory, input.mounts) ?? join(input.root, directory),
    env: environmentOf(input),
  }
}

/**
 * As Docker does: an entry point of the definition drops the image's command; a command replaces the image's.
 * `docker-entrypoint.sh` of the official Node image only execs what follows, so it is left out.
 */
export function commandOf(
  input: Pick<SubstitutionInput, 'image' | 'entryPoint' | 'command'>,
): readonly string[] {
  const entryPoint = input.entryPoint?.length ? input.entryPoint : (input.image.config?.Entrypoint ?? [])
  const command = input.command?.length
    ? input.command
    : input.entryPoint?.length
      ? []
      : (input.image.config?.Cmd ?? [])
  const whole = [...entryPoint, ...command]
  return whole[0]?.endsWith('docker-entrypoint.sh') ? whole.slice(1) : whole
}

/** Whether the first of a command's words is Java's program. */
export const isJava = (file: string | undefined): boolean => file !== undefined && /(^|\/)java$/.test(file)

function executable(file: string, { java, root }: SubstitutionInput): string {
  if (/(^|\/)node(js)?$/.test(file)) return process.execPath
  if (java && isJava(file)) return join(java.folder, 'bin', 'java')
  return localPath(file, root)
}

function localPath(argument: string, root: string): string {
  if (!argument.startsWith('/')) return argument
  const local = join(root, argument)
  return existsSync(local) ? local : argument
}

function environmentOf(input: SubstitutionInput): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(input.environment)) {
    env[name] = replaceBundle(
      replaceMounts(replaceNames(value, input.names), input.mounts),
      input.certificateFile,
    )
  }
  replaceSplitPorts(env, input)
  const host = input.hostEnvironment
  Object.assign(env, input.platformEnvironment, {
    // Commands of the image's base are this machine's; its own come first where it brings some.
    PATH: [
      join(input.root, 'usr/local/bin'),
      dirname(process.execPath),
      ...(input.java ? [join(input.java.folder, 'bin')] : []),
      host.PATH ?? '/usr/bin:/bin',
    ].join(delimiter),
    // The user's own home would bring ~/.aws into the task.
    HOME: input.root,
    HOST: input.address,
    NODE_EXTRA_CA_CERTS: input.certificateFile,
    ...(input.port === undefined ? {} : { PORT: String(input.port) }),
    ...(host.TMPDIR === undefined ? {} : { TMPDIR: host.TMPDIR }),
    ...(input.java ? javaEnvironment(env, input, input.java) : {}),
  })
  return env
}

/**
 * Spring Boot listens on every address unless it has one to itself, and two tasks on one machine would meet. It reads these
 * variables before its files. https://docs.spring.io/spring-boot/appendix/application-properties/index.html
 */
function javaEnvironment(
  env: Readonly<Record<string, string>>,
  input: SubstitutionInput,
  java: JavaHome & JavaLimits,
): Record<string, string> {
  const { address, port, containerPort } = input
  return {
    JAVA_HOME: java.folder,
    JAVA_TOOL_OPTIONS: javaToolOptions(env.JAVA_TOOL_OPTIONS, commandOf(input), java),
    SERVER_ADDRESS: address,
    ...(port === undefined || port === containerPort ? {} : { SERVER_PORT: String(port) }),
  }
}

function replaceNames(value: string, names: readonly ReachableName[]): string {
  let result = value
  for (const { name, host, ports } of names) {
    for (const [awsPort, localPort] of ports) {
      result = replaceWord(result, `${name}:${awsPort}`, `${host}:${localPort}`)
    }
    result = replaceWord(result, name, host)
  }
  return result
}

/**
 * Host and port often come in two variables (`PGHOST`, `PGPORT`). Where the local port is another one (only on
 * machines without loopback addresses to spare), the variable with the same prefix follows.
 */
function replaceSplitPorts(env: Record<string, string>, input: SubstitutionInput): void {
  for (const [variable, value] of Object.entries(input.environment)) {
    const reached = input.names.find(({ name }) => name.toLowerCase() === value.toLowerCase())
    if (!reached || !/HOST(NAME)?$/i.test(variable)) continue
    const portVariable = variable.replace(/HOST(NAME)?$/i, 'PORT')
    const local = reached.ports.get(Number(env[portVariable]))
    if (local !== undefined) env[portVariable] = String(local)
  }
}

/** What a container calls localhost is its task; here that is an address among others. */
export function replaceLoopback(
  text: string,
  address: string,
  containerPort: number | undefined,
  port: number | undefined,
): string {
  return ['localhost', '127.0.0.1'].reduce((result, name) => {
    const own = replaceWord(result, `${name}:${containerPort}`, `${address}:${port}`)
    return replaceWord(own, name, address)
  }, text)
}

function replaceMounts(value: string, mounts: readonly Mount[]): string {
  return mounts.reduce(
    (result, { containerPath, directory }) =>
      result.replace(
        new RegExp(`(?<![\\w./-])${escapeRegExp(containerPath.replace(/\/$/, ''))}(?=$|[/:;,\\s])`, 'g'),
        () => directory,
      ),
    value,
  )
}

function mountedDirectory(path: string, mounts: readonly Mount[]): string | undefined {
  const replaced = replaceMounts(path, mounts)
  return replaced === path ? undefined : replaced
}

/**
 * The authorities of RDS in a file of the image, alone or within a connection URL.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.CertificatesAllRegions
 */
function replaceBundle(value: string, certificateFile: string): string {
  return value.replace(
    /(?<![\w./-])\/(?:[\w.@+-]+\/)*(?:global|[a-z]{2}(?:-[a-z]+)+-\d)-bundle\.pem(?![\w.-])/g,
    () => certificateFile,
  )
}

function replaceWord(value: string, word: string, replacement: string): string {
  return value.replace(
    new RegExp(`(?<![\\w.-])${escapeRegExp(word)}(?![\\w-]|\\.\\w)`, 'gi'),
    () => replacement,
  )
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
