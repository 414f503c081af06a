/** What went wrong with a release, for the user: what happened, where, and how to fix it. */
export class ReleaseError extends Error {
  /** Machine-readable, e.g. `manifest-missing`. */
  readonly code: ReleaseErrorCode
  readonly fix: string
  constructor(code: ReleaseErrorCode, message: string, fix: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ReleaseError'
    this.code = code
    this.fix = fix
  }
}

export type ReleaseErrorCode =
  | 'manifest-missing'
  | 'template-missing'
  | 'container-missing'
  | 'repository-missing'
  | 'version-taken'
  | 'service-missing'
  | 'schedule-missing'
  | 'job-running'
  | 'job-failed'
  | 'secret-missing'
  | 'task-not-started'
  | 'migration-failed'
  | 'deployment-refused'
  | 'not-healthy'
  | 'site-empty'
  | 'release-missing'
  | 'release-exists'
  | 'build-failed'
  | 'deployment-failed'
  | 'deployment-unwatched'
  | 'scaling-suspended'
  | 'pointer-conflict'
  | 'nothing-under-way'
  | 'not-waiting'
  | 'nothing-earlier'
  | 'contracted'
  | 'migration-under-way'
