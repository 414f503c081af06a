/**
 * Releases sites and services on AWS, and takes them back. Speaks the AWS SDK and nothing else; where its calls
 * end up is for the endpoint to decide.
 */
export { type BuildOptions, buildService } from './builds.ts'
export { type ClientOptions, type Clients, createClients } from './clients.ts'
export type { DeploymentOutcome, LifecycleStep } from './deployment.ts'
export { type PushedImage, pushToRepository } from './image-push.ts'
export { migrationManifest, serviceManifest, siteManifest } from './manifests.ts'
export { type MigrationRequest, migrate } from './migration.ts'
export { type Pace, pace } from './pace.ts'
export { byName, fromSources, type PlatformBuilder, type SourceOptions } from './platform-builds.ts'
export { type PlatformRollOut, rollOutPlatform } from './platform-roll-out.ts'
export type { OnProgress, Progress } from './progress.ts'
export { ReleaseError, type ReleaseErrorCode } from './release-error.ts'
export { pushMigrationImage, pushServiceImage, type RolledOut } from './roll-out.ts'
export { type RunningService, runningService, templateIsNewer } from './running-service.ts'
export { putSecretValues, requireSecretValues, type SecretValues } from './secret-values.ts'
export {
  describeOutcome,
  releaseService,
  type ServiceRelease,
  type ServiceReleaseRequest,
} from './service-release.ts'
export { buildSite } from './site-build.ts'
export { currentRelease } from './site-pointer.ts'
export { releaseSite, rollBackSite, type SiteRelease, type SiteReleaseRequest } from './site-release.ts'
export { listReleases, type SiteReleaseManifest } from './site-store.ts'
export { unlessAborted } from './unless-aborted.ts'
