/** `@baton/config`: the description of a platform, checked and completed, and the names of everything in it. */
export { type Block, contains, overlaps, parseBlock } from './cidr.ts'
export { allAtOnce, canary, definePlatform, linear } from './define.ts'
export { fargateSizes } from './limits/fargate-sizes.ts'
export { longestName } from './limits/names.ts'
export { conditionValues, isNetworkSize, largestPrefix, smallestPrefix } from './limits/network.ts'
export {
  alarmIsTooLate,
  alarmSeconds,
  healthChecksOverlap,
  longestStopSeconds,
  metricLagSeconds,
  shiftSeconds,
  stopCutsRequests,
} from './limits/timing.ts'
export { loadPlatform } from './load.ts'
export {
  type JobManifest,
  leaseParameter,
  type ManifestKind,
  type MigrationManifest,
  manifestParameter,
  recordsParameter,
  type ServiceManifest,
  type SiteManifest,
} from './manifest.ts'
export {
  alarmName,
  type BucketKind,
  bucketName,
  type Color,
  clusterName,
  codedeployApplicationName,
  containerRepositoryName,
  databaseCertificates,
  databaseIdentifier,
  databaseSecretName,
  databaseUser,
  deploymentConfigName,
  deploymentGroupName,
  edgeFunctionName,
  family,
  finalSnapshotIdentifier,
  functionName,
  jobPart,
  keyAlias,
  keyValueStoreName,
  loadBalancerName,
  logDeliveryName,
  logGroupName,
  migrationFamily,
  migrationsRepositoryName,
  migrationTemplateFamily,
  type NameScope,
  originAccessControlName,
  originHeader,
  originHeaderParameter,
  pointerKey,
  repositoryName,
  reservedServiceNames,
  roleName,
  ruleName,
  scheduleGroupName,
  scheduleName,
  securityGroupName,
  serviceName,
  serviceSecretName,
  stateBucketName,
  targetGroupName,
  templateFamily,
  topicName,
  vpcOriginName,
} from './names.ts'
export type {
  Alarms,
  Database,
  Delivery,
  Logs,
  Migrations,
  Network,
  Pipeline,
  Platform,
  ResourcesSite,
  Shift,
  Site,
  Zone,
} from './platform.ts'
export type { PlatformInput } from './platform-input.ts'
export { ConfigurationError, describeProblem, type Problem } from './problems.ts'
export { resolvePlatform } from './resolve.ts'
export { type SecretOwner, secretOwners, secretsOf } from './secrets.ts'
export type {
  Container,
  ContainerCondition,
  ContainerHealthCheck,
  EnvironmentValue,
  ImageSource,
  Job,
  PlatformValue,
  Service,
  TaskSize,
  Traffic,
} from './service.ts'
