/**
 * What runs on the platform, checked and completed: services of one or more containers, jobs, and where their images
 * come from. Words are ECS's. A container beside the main one differs from it in nothing but its place in the list.
 */

/** Where an image comes from. All paths are absolute. */
export type ImageSource =
  /** TypeScript or JavaScript, bundled and laid over Node.js. */
  | { readonly kind: 'source'; readonly folder: string; readonly entry: string }
  /** An executable jar, laid over a JRE. */
  | {
      readonly kind: 'jar'
      readonly path: string
      readonly javaVersion: number
      readonly jvmOptions: readonly string[]
      /** Builds the jar; absent where it is there already. */
      readonly build?: { readonly command: string; readonly folder: string }
    }
  | {
      readonly kind: 'dockerfile'
      readonly path: string
      readonly context: string
      readonly target?: string
      readonly args: Readonly<Record<string, string>>
    }
  /** An image of any registry, as `docker pull` takes it. */
  | { readonly kind: 'image'; readonly reference: string }

/** Names of what the platform knows, for values of the environment. */
export type PlatformValue =
  | 'database.host'
  | 'database.port'
  | 'database.name'
  | 'database.username'
  | 'database.password'
  | 'database.url'
  | 'database.jdbcUrl'
  | 'database.certificates'
  | 'logs.directory'
  | `sites.${string}.host`
  | `services.${string}.host`

/** A text, or the name of what the platform knows. */
export type EnvironmentValue = string | { readonly from: PlatformValue }

/** ECS's own check inside of a container: API_HealthCheck. */
export interface ContainerHealthCheck {
  /** Starts with `CMD` or `CMD-SHELL`. */
  readonly command: readonly string[]
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly retries: number
  readonly startPeriodSeconds: number
}

/** What a container definition says in place of its image. */
export interface ProcessOverrides {
  readonly command?: readonly string[]
  readonly entryPoint?: readonly string[]
  readonly user?: string
  readonly workingDirectory?: string
  /** Whether the container may write to its volumes only. */
  readonly readonlyRootFilesystem: boolean
}

export type ContainerCondition = 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY'

/** A container of a task. */
export interface Container extends ProcessOverrides {
  /** Unique in its task; the main container is named like its service or job. */
  readonly name: string
  readonly image: ImageSource
  readonly healthCheck?: ContainerHealthCheck
  /** It gets it as `PORT`. */
  readonly port?: number
  readonly environment: Readonly<Record<string, EnvironmentValue>>
  /** Names of secrets that reach the container as environment variables of the same name. */
  readonly secrets: readonly string[]
  /** Containers of the task that must be in a state before this one starts. */
  readonly dependsOn: Readonly<Record<string, ContainerCondition>>
  /** Whether the task stops when this container ends. */
  readonly essential: boolean
  /** Share of the task's CPU units, and memory limit; absent: what others leave. */
  readonly cpu?: number
  readonly memoryMiB?: number
}

/** What Fargate gives a task. */
export interface TaskSize {
  /** CPU units of Fargate: 1024 is one vCPU. */
  readonly cpu: number
  readonly memoryMiB: number
  /** Absent: Fargate's 20 GiB. */
  readonly ephemeralStorageGiB?: number
  readonly architecture: 'ARM64' | 'X86_64'
}

/** How the load balancer reaches a service. */
export interface Traffic {
  /** Name of the container that takes the traffic, and its port. */
  readonly container: string
  readonly port: number
  /** Hosts on which the load balancer sends `paths` to this service: those of its sites. */
  readonly hosts: readonly string[]
  /** Path patterns, as listener rules and CloudFront write them: `/api/*`. */
  readonly paths: readonly string[]
  /** How long the load balancer sends a viewer to the same task; absent: not at all. */
  readonly stickinessSeconds?: number
  /** The target group's health check. */
  readonly health: {
    readonly path: string
    readonly intervalSeconds: number
    readonly timeoutSeconds: number
    readonly healthyThreshold: number
    readonly unhealthyThreshold: number
    readonly gracePeriodSeconds: number
  }
  /** How long a deregistered task may finish its requests. */
  readonly drainSeconds: number
}

export interface Service extends TaskSize {
  /** e.g. `admin`. */
  readonly name: string
  /** The main container is the first. */
  readonly containers: readonly [Container, ...Container[]]
  /** Absent: a worker, which no one calls. */
  readonly traffic?: Traffic
  readonly tasks: { readonly min: number; readonly max: number }
  readonly scaling: {
    readonly memoryPercent: number
    readonly cpuPercent: number
    readonly cooldownSeconds: number
  }
  /** From SIGTERM to SIGKILL, of every container; at most 120 on Fargate. */
  readonly stopTimeoutSeconds: number
  /** Whether it has a user of the database. */
  readonly database: boolean
  /** ECS Exec. */
  readonly exec: boolean
}

/** A task that EventBridge Scheduler starts. */
export interface Job extends TaskSize {
  /** e.g. `nightly`. */
  readonly name: string
  /** Name of the service whose released image it runs; absent: an image of its own. */
  readonly service?: string
  readonly container: Container
  /** `rate(…)`, `cron(…)` or `at(…)`, as EventBridge Scheduler writes it. */
  readonly schedule: string
  readonly timeZone: string
  readonly timeoutMinutes: number
  /** Whether a run may start while the one before still runs. */
  readonly overlap: boolean
  readonly stopTimeoutSeconds: number
  /** Whether it uses the database: with the user of its service, or one of its own. */
  readonly database: boolean
}
