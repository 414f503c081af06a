/**
 * What runs a task's containers. ECS decides which containers run, when, and in what order they end; a runtime
 * knows how. Processes (`process/`) and containers of an engine (`container/`) implement it, so nothing here says what a
 * container really is. What every runtime needs is in `task/` (output, starting) and `network/`.
 */
import type { Duplex } from 'node:stream'
import type { StoredImage } from '../../services/ecr/contract.ts'

/** A directory of this machine that a container sees at `containerPath`. */
export interface Mount {
  readonly containerPath: string
  readonly directory: string
  readonly readOnly?: boolean
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html */
export interface Tmpfs {
  readonly containerPath: string
  readonly sizeMiB: number
  readonly mountOptions?: readonly string[]
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html */
export interface Ulimit {
  readonly name: string
  readonly softLimit: number
  readonly hardLimit: number
}

/**
 * What the definition says of a container's limits and rights. Processes of this machine have none of it: the process
 * runtime ignores it, and the verdict says so.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export interface ContainerLimits {
  /** `user`, `user:group`, by name or by number; the image's where undefined. */
  readonly user?: string
  readonly readonlyRootFilesystem?: boolean
  readonly tmpfs?: readonly Tmpfs[]
  readonly ulimits?: readonly Ulimit[]
  /** CPU units, 1024 for a vCPU: the container's share among those of its task. */
  readonly cpu?: number
  /** The container is ended when it uses more. */
  readonly memoryMiB?: number
  readonly memoryReservationMiB?: number
  /** An init process inside of the container, which passes signals on and reaps. */
  readonly initProcessEnabled?: boolean
  readonly sharedMemoryMiB?: number
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] }
  readonly dockerLabels?: Readonly<Record<string, string>>
}

/** What of a task is known before its containers start. */
export interface TaskSpec {
  readonly taskId: string
  /** Images of its containers, as far as they are there. */
  readonly images: readonly StoredImage[]
  /** Every port of every container. */
  readonly containerPorts: readonly number[]
  /** CPU units of the task, 1024 for a vCPU; undefined for a task without limits of its own. */
  readonly cpu?: number
  readonly memoryMiB?: number
}

/** One container of a task, with everything that AWS would have resolved before it starts it. */
export interface ContainerSpec extends ContainerLimits {
  readonly taskId: string
  readonly name: string
  /** From `attach`; shared by the task's containers, as one network interface is on AWS. */
  readonly network: TaskNetwork
  readonly image: StoredImage
  /** The definition's `entryPoint`, `command` and `workingDirectory`, where they override the image's. */
  readonly entryPoint?: readonly string[]
  readonly command?: readonly string[]
  readonly workingDirectory?: string
  /** The definition's environment and secrets, as on AWS: names of the emulator not yet replaced. */
  readonly environment: Readonly<Record<string, string>>
  /** The first container port; undefined where nothing listens. */
  readonly containerPort: number | undefined
  readonly mounts: readonly Mount[]
  /** Variables by which the task finds the emulator: credentials, metadata, the API's address. */
  readonly platformEnvironment: Readonly<Record<string, string>>
  /** Aborted when the container need not start any more: it may still be waiting for a slot. */
  readonly signal?: AbortSignal
  /** Called with the lines that the container wrote to its standard output and error. */
  onOutput(lines: readonly string[]): void
}

/** A task's network interface: an address of its own where the machine has them. */
export interface TaskNetwork {
  readonly address: string
  /**
   * Where the task finds its metadata and credentials: `link-local` for the addresses that AWS uses, and names of AWS's
   * APIs that resolve; `loopback` for variables that lead to ports of this machine.
   */
  readonly metadata: 'loopback' | 'link-local'
  /** The local port on which `containerPort` of this task is reached. */
  localPort(containerPort: number): Promise<number>
  /** Gives the address back and closes what was opened for the task. */
  release(): Promise<void>
}

export interface ContainerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it ended, in ECS's words, where its exit code does not say it. */
  readonly reason?: string
}

export interface RunningContainer {
  /** Of its first process, as this machine counts; 0 where the process is on another machine. */
  readonly pid: number
  readonly address: string
  /** Undefined when the container has no port. */
  readonly port: number | undefined
  /** Resolves when the container's main process has ended and its other processes have been ended. */
  readonly exited: Promise<ContainerExit>
  signal(signal: NodeJS.Signals): void
  /**
   * Runs a command where the container runs; resolves with its exit code, or null after `timeoutMs` or when the
   * container ends, with which the command ends too.
   */
  run(command: readonly string[], timeoutMs: number): Promise<number | null>
  /** Call it once the application has started: until then its processes run at a lower priority. */
  markStarted(): void
}

export interface TaskRuntime {
  /** Rejects with an error that says why the task cannot run here. */
  attach(task: TaskSpec): Promise<TaskNetwork>
  /** Makes the image ready to start; rejects with an error that says why it cannot run here. */
  prepare(image: StoredImage, network: TaskNetwork): Promise<void>
  start(spec: ContainerSpec): Promise<RunningContainer>
  /** Ends what a killed emulator left running of its tasks. */
  endLeftovers(): Promise<void>
  /** What answers the requests of tasks that come in at AWS's own address for metadata and credentials. */
  onMetadata(serve: (socket: Duplex) => void): void
  /** Ends what it started beside tasks; called when no task is left. */
  close(): Promise<void>
}

export interface RemovableRuntime extends TaskRuntime {
  /** Deletes what was made of images that are no longer kept, unless a container of theirs runs. */
  removeImagesExcept(isKept: (digest: string) => boolean): Promise<void>
}
