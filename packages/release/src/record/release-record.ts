/**
 * The record of a release: who released what, when, from which commit, and how it ended. What a person, `rollback`
 * and the next `deploy` ask; nothing that serves depends on it.
 */

/** Who releases, and from what. Comes from the caller: this package knows neither git nor people. */
export interface ReleaseOrigin {
  /** A person or a pipeline: `kim@laptop`, `octocat (GitHub Actions 1234)`. */
  readonly by: string
  /** Full hash of the commit. */
  readonly commit?: string
  /** True where files differed from the commit. */
  readonly dirty?: boolean
  /** Digest of the configuration that the platform was described by: `sha256:…`. */
  readonly configuration?: string
  /** How the rehearsal of this content ended, where there was one. */
  readonly rehearsal?: RehearsalVerdict
}

export interface RehearsalVerdict {
  readonly verdict: 'pass' | 'fail'
  /** ISO 8601. */
  readonly at: string
}

/** `service/admin`, `site/user`, `job/nightly`, or the migrations of the database. */
export type ReleaseTarget = `service/${string}` | `site/${string}` | `job/${string}` | 'migration'

/** `under-way` is also what a release leaves whose command was killed. */
export type ReleaseState = 'under-way' | 'succeeded' | 'failed' | 'rolled-back'

export interface ReleaseRecord extends ReleaseOrigin {
  readonly id: string
  readonly target: ReleaseTarget
  readonly version: string
  /** The version that ran before. */
  readonly from?: string
  readonly action: 'release' | 'rollback'
  readonly state: ReleaseState
  /** ISO 8601. */
  readonly startedAt: string
  /** ISO 8601. */
  readonly endedAt?: string
  /** Why it did not succeed. */
  readonly reason?: string
  /** Digest of what was released, whatever it was called: the same sources have the same. */
  readonly content?: string
  /** References of the images by digest, by the name of their container. */
  readonly images?: Readonly<Record<string, string>>
  readonly taskDefinition?: string
  /** Of a migration: ARN of the template's revision that it was made from. */
  readonly template?: string
  readonly deploymentId?: string
  /** Of a migration: what it takes away from the schema. A version released before it may not work any more. */
  readonly contracts?: readonly string[]
}

export const isOver = ({ state }: ReleaseRecord): boolean => state !== 'under-way'
