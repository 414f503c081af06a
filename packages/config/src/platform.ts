import type { EnvironmentValue, ImageSource, Job, ProcessOverrides, Service } from './service.ts'

/**
 * A platform, checked and completed: what every other package works from. Users write the far shorter
 * `PlatformInput`; `definePlatform` and `resolvePlatform` turn it into this. Paths are absolute, host names are
 * complete, every default is filled in, and all of it is plain data.
 */
export interface Platform {
  /** Short name of the product, e.g. `keencho`. */
  readonly project: string
  /** e.g. `production`. */
  readonly environment: string
  /** Prefix of everything named on AWS: `<project>-<environment>`. */
  readonly name: string
  /** AWS region, e.g. `ap-northeast-2`. */
  readonly region: string
  /** Id of the AWS account, where the configuration names it: Terraform works in no other. */
  readonly account?: string
  /** Domain of the hosted zone, e.g. `keencho.com`. */
  readonly domain: string
  /** Folder of the configuration file, absolute. */
  readonly rootDir: string
  readonly encryption: Encryption
  readonly network: Network
  readonly sites: readonly Site[]
  /** Images and other files, served from a bucket of their own. */
  readonly resources?: ResourcesSite
  readonly services: readonly Service[]
  readonly jobs: readonly Job[]
  /** Absent: no part of the platform uses a database. */
  readonly database?: Database
  readonly logs: Logs
  readonly delivery: Delivery
  readonly notifications: { readonly emails: readonly string[] }
  readonly pipeline?: Pipeline
  readonly hostedZone: 'create' | 'existing'
  /** Whether the load balancer, full buckets and repositories refuse to be deleted; the database has its own switch. */
  readonly deletionProtection: boolean
}

export interface Encryption {
  /** Whether a KMS key of the platform's own encrypts what is kept. */
  readonly customerManagedKey: boolean
}

export interface Network {
  readonly cidr: string
  readonly nat: 'gateway-per-zone' | 'gateway' | 'none'
  /** AWS's scheme of the load balancer; CloudFront reaches an internal one by a VPC origin. */
  readonly loadBalancer: 'internet-facing' | 'internal'
  /** Whether the VPC writes a record of every connection to the logs bucket. */
  readonly flowLogs: boolean
  readonly zones: readonly Zone[]
}

export interface Zone {
  /** Letter of the zone: `a`. */
  readonly letter: string
  /** AWS's name: `ap-northeast-2a`. */
  readonly name: string
  readonly publicCidr: string
  readonly privateCidr: string
  readonly databaseCidr: string
}

export interface Site {
  /** e.g. `admin`; below this prefix in the sites bucket. */
  readonly name: string
  /** Complete host name, e.g. `app-admin.keencho.com`. */
  readonly host: string
  /** Folder of the site's package, absolute. */
  readonly source: string
  readonly build: { readonly command: string; readonly output: string }
  /** Names of the services that answer their paths of this host. */
  readonly services: readonly string[]
  /** ISO 3166-1 alpha-2 codes; empty admits every country. */
  readonly countries: readonly string[]
}

export interface ResourcesSite {
  readonly host: string
  readonly countries: readonly string[]
}

export interface Database {
  readonly engineVersion: string
  readonly instanceClass: string
  /** Name of the database inside the server. */
  readonly name: string
  readonly multiAz: boolean
  readonly storageGiB: number
  readonly maxStorageGiB: number
  readonly backupDays: number
  readonly deletionProtection: boolean
  /** The one-off task before a release; absent where the services migrate when they start. */
  readonly migrations?: Migrations
}

export interface Migrations extends ProcessOverrides {
  readonly image: ImageSource
  readonly environment: Readonly<Record<string, EnvironmentValue>>
}

export interface Logs {
  readonly retentionDays: number
  /** Whether CloudFront writes access logs to the logs bucket. */
  readonly distributions: boolean
}

export type Shift =
  | { readonly kind: 'allAtOnce' }
  | { readonly kind: 'canary'; readonly percent: number; readonly minutes: number }
  | { readonly kind: 'linear'; readonly percent: number; readonly minutes: number }

export interface Delivery {
  readonly controller: 'codedeploy'
  readonly shift: Shift
  /** Port of the load balancer's test listener. */
  readonly testPort: number
  /** Blocks of addresses that may call the test listener, besides the smoke test. */
  readonly testAccess: readonly string[]
  /** How long the old tasks stay after the shift. */
  readonly terminationWaitMinutes: number
  /** After this long without healthy new tasks a release stops its deployment. */
  readonly giveUpAfterMinutes: number
  readonly approval: boolean
  /** Whether a Lambda checks the new tasks through the test listener before they take traffic. */
  readonly smokeTest: boolean
  /** Raise it to rotate the secret header between CloudFront and the load balancer. */
  readonly originHeaderGeneration: number
  readonly alarms: Alarms
}

export interface Alarms {
  /** Ratio of 5xx answers over both target groups of a service that stops a deployment. */
  readonly errorPercent: number
  readonly latencyP99Seconds: number
  readonly periodSeconds: number
  readonly datapoints: number
}

export interface Pipeline {
  /** `owner/name` on GitHub. */
  readonly repository: string
  readonly branch: string
  readonly oidcProvider: 'create' | 'existing'
}
