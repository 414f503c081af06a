/**
 * Releases sites and services on AWS, and takes them back. Speaks the AWS SDK and nothing else; where its calls
 * end up is for the endpoint to decide.
 */

export { type ClientOptions, type Clients, createClients } from './aws/clients.ts'
export { migrationManifest, serviceManifest, siteManifest } from './aws/manifests.ts'
export { putSecretValues, requireSecretValues, type SecretValues } from './aws/secret-values.ts'
export { type Clock, scaledClock } from './clock.ts'
export { type BaseImages, baseReferences, openBaseLock } from './image/bases.ts'
export { type BuildOptions, wantedImages } from './image/build.ts'
export {
  pushJobImage,
  pushMigrationImage,
  pushServiceImage,
  pushSidecarImages,
} from './image/push.ts'
export { type JobsRelease, releaseJobs } from './job/first-release.ts'
export { withJobsPaused } from './job/pause.ts'
export { type JobRelease, type JobReleaseRequest, releaseJob } from './job/release.ts'
export { type JobRun, type JobRunRequest, runJob } from './job/run.ts'
export { type MigrationRequest, migrate } from './migration.ts'
export { eventsOf, type PlatformEvent } from './observe/events.ts'
export { type LogLine, type LogsRequest, readLogs } from './observe/logs.ts'
export { createObservers, type Observers } from './observe/observers.ts'
export { type PlatformStatus, platformStatus, type ServiceStatus } from './observe/status.ts'
export type { OnProgress, Progress } from './progress.ts'
export { refuseContracted, versionBefore } from './record/earlier.ts'
export type {
  RehearsalVerdict,
  ReleaseOrigin,
  ReleaseRecord,
  ReleaseState,
  ReleaseTarget,
} from './record/release-record.ts'
export { deleteRecords, releaseRecords } from './record/store.ts'
export { ReleaseError, type ReleaseErrorCode } from './release-error.ts'
export { type RollBackRequest, rollBack, type SiteRollBack } from './roll-back.ts'
export { fromSources, type PlatformBuilder, type SourceOptions } from './roll-out/builder.ts'
export { type Changes, type ChangesRequest, findChanges } from './roll-out/changes.ts'
export { emulatorDestination } from './roll-out/emulator-destination.ts'
export {
  type ChangesRelease,
  type ReleasedChanges,
  releaseChanges,
} from './roll-out/release-changes.ts'
export {
  type RolledOut,
  type RollOut,
  type RollOutDestination,
  rollOut,
  type StackName,
} from './roll-out/roll-out.ts'
export { type UnreleasedTargets, unreleasedTargets } from './roll-out/unreleased-targets.ts'
export { describeOutcome } from './service/deploy-revision.ts'
export type { DeploymentOutcome, LifecycleStep } from './service/deployment.ts'
export {
  releaseService,
  type ServiceRelease,
  type ServiceReleaseRequest,
} from './service/release.ts'
export { type RunningService, runningService, templateIsNewer } from './service/running-service.ts'
export { buildSite } from './site/build.ts'
export { currentRelease } from './site/pointer.ts'
export { releaseSite, rollBackSite, type SiteRelease, type SiteReleaseRequest } from './site/release.ts'
export { listReleases, type SiteReleaseManifest } from './site/store.ts'
export {
  approveDeployment,
  type Followed,
  resumeDeployment,
  type Settled,
  stopUnderWay,
} from './under-way.ts'
export { unlessAborted } from './unless-aborted.ts'
