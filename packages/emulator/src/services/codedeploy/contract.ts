/** What CodeDeploy offers the rest of the emulator besides its API. */
import type { Service } from '../../service.ts'

export interface DeploymentTiming {
  /** Wall-clock time from creation to the end; to now while it runs. */
  readonly durationMs: number
  /** The same with every wait that AWS decides at its full length: what it would have taken on AWS. */
  readonly predictedAwsDurationMs: number
  /** The same of each life-cycle event that has ended. */
  readonly steps: readonly {
    readonly name: string
    readonly durationMs: number
    readonly predictedAwsDurationMs: number
  }[]
}

export interface CodeDeploy extends Service {
  /** Undefined when there is no such deployment. */
  timing(deploymentId: string): DeploymentTiming | undefined
}
