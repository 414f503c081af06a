/**
 * What runs a task's containers. ECS decides which containers run, when, and in what order they end; a runtime
 * knows how. The process runtime (`process/`) implements it; a runtime on containers fits behind the same interface, so
 * nothing here says what a container really is. What every runtime needs is in `task/` (output, starting) and `network/`.
 */
import type { StoredImage } from '../../services/ecr/contract.ts'

/** A directory of this machine that a container sees at `containerPath`. */
export interface Mount {
  readonly containerPath: string
  readonly directory: string
}

/** One container of a task, with everything that AWS would have resolved before it starts it. */
export interface ContainerSpec {
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
  /** The local port on which `containerPort` of this task is reached. */
  localPort(containerPort: number): Promise<number>
  /** Gives the address back and closes what was opened for the task. */
  release(): Promise<void>
}

export interface ContainerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningContainer {
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
  attach(taskId: string): Promise<TaskNetwork>
  /** Makes the image ready to start; rejects with an error that says why it cannot run here. */
  prepare(image: StoredImage): Promise<void>
  start(spec: ContainerSpec): Promise<RunningContainer>
  /** Ends the containers' processes that a killed emulator left. */
  endLeftoverProcesses(): Promise<void>
}
