/**
 * Every name that Baton gives to something on AWS. One scheme, `<project>-<environment>[-<part>…]`, in one
 * place, so that the limits of AWS are checked when the configuration is read and not when an apply is half done.
 */

/** What names are made of. */
export interface NameScope {
  /** `<project>-<environment>`. */
  readonly name: string
  readonly domain: string
}

export type BucketKind = 'sites' | 'resources' | 'logs' | 'state'
export type Color = 'blue' | 'green'

/** Services that own a family and a repository of this name would collide with Baton's own. */
export const reservedServiceNames: readonly string[] = ['migration', 'migrations']

export const loadBalancerName = ({ name }: NameScope) => name
export const keyAlias = ({ name }: NameScope) => `alias/${name}`
export const vpcOriginName = ({ name }: NameScope) => name
export const targetGroupName = ({ name }: NameScope, service: string, color: Color) =>
  `${name}-${service}-${color}`
export const clusterName = ({ name }: NameScope) => name
/** Unique in its cluster only, which carries the platform's name already. */
export const serviceName = (_scope: NameScope, service: string) => service
/** Family of the revisions that run. */
export const family = ({ name }: NameScope, service: string) => `${name}-${service}`
/** Family of the template that Terraform owns. */
export const templateFamily = ({ name }: NameScope, service: string) => `${name}-${service}-template`
export const repositoryName = ({ name }: NameScope, service: string) => `${name}/${service}`
/** Of a container beside the main one. */
export const containerRepositoryName = ({ name }: NameScope, service: string, container: string) =>
  `${name}/${service}-${container}`
/** What everything of a job is named after: its family, its roles, its log group, its repository. */
export const jobPart = (job: string) => `job-${job}`
export const scheduleGroupName = ({ name }: NameScope) => name
/** Unique in its group. */
export const scheduleName = (_scope: NameScope, job: string) => job
export const migrationsRepositoryName = ({ name }: NameScope) => `${name}/migrations`
export const migrationFamily = ({ name }: NameScope) => `${name}-migration`
export const migrationTemplateFamily = ({ name }: NameScope) => `${name}-migration-template`
/** Bucket names are unique in the whole partition: the domain, which no one else has, makes them so. */
export const bucketName = ({ name, domain }: NameScope, kind: BucketKind) =>
  `${name}-${kind}-${domain.replaceAll('.', '-')}`
/**
 * Of the bucket with Terraform's state. It exists before anything else, so its name also says whose account it is in: no
 * other account can have created it first. Platforms of earlier versions have `bucketName(platform, 'state')`.
 */
export const stateBucketName = ({ name }: Pick<NameScope, 'name'>, accountId: string) =>
  `${name}-state-${accountId}`
export const databaseIdentifier = ({ name }: NameScope) => name
export const finalSnapshotIdentifier = ({ name }: NameScope) => `${name}-final`
/** Name of a service's user inside the database server. */
export const databaseUser = (service: string) => `${service.replaceAll('-', '_')}_app`
export const databaseSecretName = ({ name }: NameScope, service: string) => `${name}/${service}/database`
export const serviceSecretName = ({ name }: NameScope, service: string, secret: string) =>
  `${name}/${service}/${secret}`
/** Name of an IAM role: `keencho-production-admin-execution`. */
export const roleName = ({ name }: NameScope, part: string) => `${name}-${part}`
export const securityGroupName = ({ name }: NameScope, part: string) => `${name}-${part}`
export const logGroupName = ({ name }: NameScope, part: string) => `/${name}/${part}`
export const logDeliveryName = ({ name }: NameScope, part: string) => `${name}-${part}`
export const codedeployApplicationName = ({ name }: NameScope) => name
export const deploymentGroupName = (_scope: NameScope, service: string) => service
export const deploymentConfigName = ({ name }: NameScope, part: string) => `${name}-${part}`
export const alarmName = ({ name }: NameScope, part: string) => `${name}-${part}`
export const topicName = ({ name }: NameScope) => `${name}-notices`
export const ruleName = ({ name }: NameScope, part: string) => `${name}-${part}`
export const keyValueStoreName = ({ name }: NameScope) => `${name}-sites`
export const edgeFunctionName = ({ name }: NameScope) => `${name}-sites`
export const originAccessControlName = ({ name }: NameScope) => `${name}-buckets`
export const functionName = ({ name }: NameScope, part: string) => `${name}-${part}`
/** Parameter that holds one generation of the secret header between the edge and the load balancer. */
export const originHeaderParameter = ({ name }: NameScope, generation: number) =>
  `/baton/${name}/origin-header/${generation}`
/** Key of the KeyValueStore that holds a site's current release: its host, which the edge function sees. */
export const pointerKey = (host: string) => host
/**
 * File with the certificates of Amazon RDS's authorities, in every image whose container names `database.url`,
 * `database.jdbcUrl` or `database.certificates`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
export const databaseCertificates = '/usr/local/share/amazon-rds/global-bundle.pem'
/** Header by which the load balancer knows that a request came through CloudFront. */
export const originHeader = 'x-origin-verify'
