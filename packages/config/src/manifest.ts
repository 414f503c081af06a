/**
 * The manifest: what Terraform hands to the release code, so that a pipeline needs neither the Terraform state nor
 * this configuration. One SSM parameter per service and site, and one for the database (a standard parameter
 * holds 4 KB: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html).
 */

/** Value (JSON) of `/baton/<name>/services/<service>`. */
export interface ServiceManifest {
  readonly cluster: string
  /** Name of the ECS service. */
  readonly service: string
  /** Family of the template that Terraform owns: `<name>-admin-template`. */
  readonly templateFamily: string
  /** Family of what runs: `<name>-admin`. */
  readonly family: string
  /** The container that takes the traffic, and its port; of a worker the main one, and 0. */
  readonly containerName: string
  readonly containerPort: number
  /** Name of the ECR repository of the main container. */
  readonly repository: string
  /** Name of the ECR repository of every container, by the container's name; the main one is first. */
  readonly images: Readonly<Record<string, string>>
  /** `ECS`: a worker, which a rolling update releases. */
  readonly controller: 'CODE_DEPLOY' | 'ECS'
  /** Empty where the controller is ECS. */
  readonly codedeployApplication: string
  readonly codedeployDeploymentGroup: string
  /** Tasks that the first release starts. */
  readonly desiredCount: number
  /** Scalable target, `service/<cluster>/<service>`: suspended while deploying. */
  readonly scalableTarget: string
  readonly giveUpAfterMinutes: number
  /** Name of the Lambda function to call AfterAllowTestTraffic, where the platform has a smoke test. */
  readonly smokeTest?: string
}

/** Value (JSON) of `/baton/<name>/sites/<site>`. */
export interface SiteManifest {
  readonly bucket: string
  /** Prefix of the site in the bucket: `admin/`. */
  readonly prefix: string
  readonly keyValueStoreArn: string
  /** Key that holds the id of the current release. */
  readonly pointerKey: string
  readonly host: string
}

/** Value (JSON) of `/baton/<name>/migration`. */
export interface MigrationManifest {
  readonly cluster: string
  readonly templateFamily: string
  readonly family: string
  readonly containerName: string
  /** Of `containerName`. */
  readonly repository: string
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly assignPublicIp: boolean
}

/** Value (JSON) of `/baton/<name>/jobs/<job>`. */
export interface JobManifest {
  readonly cluster: string
  readonly templateFamily: string
  readonly family: string
  readonly containerName: string
  /** Name of the ECR repository of its image: its own, or that of the service it belongs to. */
  readonly repository: string
  /** Service whose released image it runs; absent: an image of its own. */
  readonly service?: string
  /** Name and group of the schedule on EventBridge Scheduler. */
  readonly schedule: string
  readonly scheduleGroup: string
  readonly timeoutMinutes: number
  readonly overlap: boolean
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly assignPublicIp: boolean
}

export type ManifestKind = 'services' | 'sites' | 'jobs'

/** Parameter name: `/baton/keencho-production/services/admin`, or `…/migration`. */
export function manifestParameter(platformName: string, kind: ManifestKind, name: string): string
export function manifestParameter(platformName: string, kind: 'migration'): string
export function manifestParameter(platformName: string, kind: string, name?: string): string {
  return ['/baton', platformName, kind, ...(name === undefined ? [] : [name])].join('/')
}

/**
 * Parameter whose versions are the records of a target's releases: `/baton/keencho-production/releases/service/admin`.
 * Without a target it is the path of all of them.
 */
export const recordsParameter = (platformName: string, target?: string): string =>
  ['/baton', platformName, 'releases', ...(target === undefined ? [] : [target])].join('/')

/** Parameter whose versions are the claims to the lease of the migration. Below the records, it goes with them. */
export const leaseParameter = (platformName: string): string =>
  `${recordsParameter(platformName)}/lease/migration`
