/**
 * The database: PostgreSQL in subnets without a route to the internet, TLS forced. RDS creates, keeps and rotates
 * the master password; only the migration task uses it. Each service has its own user, whose password is created
 * during an apply and written once: it is in Secrets Manager and nowhere else, not in the Terraform state either.
 */
import {
  type Container,
  databaseCertificates,
  databaseIdentifier,
  databaseSecretName,
  databaseUser,
  finalSnapshotIdentifier,
  jobPart,
  type Platform,
} from '@baton/config'
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js'
import { DbInstance } from '@cdktn/provider-aws/lib/db-instance/index.js'
import { DbParameterGroup } from '@cdktn/provider-aws/lib/db-parameter-group/index.js'
import { DbSubnetGroup } from '@cdktn/provider-aws/lib/db-subnet-group/index.js'
import { EphemeralAwsSecretsmanagerRandomPassword } from '@cdktn/provider-aws/lib/ephemeral-aws-secretsmanager-random-password/index.js'
import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js'
import { SecretsmanagerSecretVersion } from '@cdktn/provider-aws/lib/secretsmanager-secret-version/index.js'
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { Construct } from 'constructs'
import { databaseOf } from '../described.ts'
import type { Network } from '../network/network.ts'
import type { SecurityGroups } from '../network/security-groups.ts'
import type { BatonStack } from '../terraform/stack.ts'

export interface Database {
  readonly instance: DbInstance
  /** ARN of the secret that RDS manages: JSON with `username` and `password`. */
  readonly masterSecretArn: string
  /** ARN of the secret of each user, in the same shape, by whose user it is: `admin`, `job-nightly`. */
  readonly secrets: ReadonlyMap<string, string>
}

export function database(
  stack: BatonStack,
  parts: { network: Network; securityGroups: SecurityGroups },
): Database | undefined {
  const groups = parts.securityGroups.store
  return groups === undefined ? undefined : instance(stack, parts.network, groups.database)
}

function instance(stack: BatonStack, network: Network, securityGroup: SecurityGroup): Database {
  const scope = new Construct(stack, 'database')
  const { platform } = stack
  const database = databaseOf(platform)
  const identifier = databaseIdentifier(platform)
  const subnets = new DbSubnetGroup(new Construct(scope, 'subnets'), 'main', {
    name: identifier,
    description: `Database subnets of ${platform.name}`,
    subnetIds: network.databaseSubnets.map(({ id }) => id),
  })
  const [major = database.engineVersion] = database.engineVersion.split('.')
  const parameters = new DbParameterGroup(new Construct(scope, 'parameters'), 'main', {
    name: `${identifier}-postgres${major}`,
    family: `postgres${major}`,
    description: 'TLS for every connection',
    parameter: [{ name: 'rds.force_ssl', value: '1', applyMethod: 'immediate' }],
    lifecycle: { createBeforeDestroy: true },
  })
  const logGroups = ['postgresql', 'upgrade'].map(
    (kind) =>
      // RDS would create them itself, without a retention.
      new CloudwatchLogGroup(new Construct(scope, `log-${kind}`), `database_${kind}`, {
        name: `/aws/rds/instance/${identifier}/${kind}`,
        retentionInDays: platform.logs.retentionDays,
        ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn }),
      }),
  )
  const instance = new DbInstance(scope, 'main', {
    identifier,
    engine: 'postgres',
    engineVersion: database.engineVersion,
    instanceClass: database.instanceClass,
    dbName: database.name,
    port: 5432,
    username: 'baton',
    manageMasterUserPassword: true,
    allocatedStorage: database.storageGiB,
    maxAllocatedStorage: database.maxStorageGiB,
    storageType: 'gp3',
    storageEncrypted: true,
    ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn, masterUserSecretKmsKeyId: stack.keyArn }),
    multiAz: database.multiAz,
    dbSubnetGroupName: subnets.name,
    vpcSecurityGroupIds: [securityGroup.id],
    publiclyAccessible: false,
    parameterGroupName: parameters.name,
    caCertIdentifier: 'rds-ca-rsa2048-g1',
    backupRetentionPeriod: database.backupDays,
    backupWindow: '17:00-18:00',
    maintenanceWindow: 'sun:18:30-sun:19:30',
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: true,
    deletionProtection: database.deletionProtection,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: finalSnapshotIdentifier(platform),
    enabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
    dependsOn: logGroups,
  })
  const secrets = new Map(
    databaseUsers(platform).map((user) => [user.name, userSecret(stack, scope, user, instance)]),
  )
  return { instance, masterSecretArn: instance.masterUserSecret.get(0).secretArn, secrets }
}

interface DatabaseUser {
  /** Whose it is: `admin`, `job-nightly`. */
  readonly name: string
  readonly id: string
  /** Whether a container wants a URL with the password in it. */
  readonly url: boolean
}

/** Services and jobs with an image of their own; a job of a service logs in as the service does. */
function databaseUsers({ services, jobs }: Platform): DatabaseUser[] {
  const wantsUrl = (containers: readonly Container[]) =>
    containers.some(({ environment }) =>
      Object.values(environment).some((value) => typeof value !== 'string' && value.from === 'database.url'),
    )
  return [
    ...services
      .filter(({ database }) => database)
      .map(({ name, containers }) => ({
        name,
        id: name,
        url: wantsUrl([
          ...containers,
          ...jobs.filter(({ service }) => service === name).map(({ container }) => container),
        ]),
      })),
    ...jobs
      .filter(({ database, service }) => database && service === undefined)
      .map(({ name, container }) => ({ name: jobPart(name), id: `job_${name}`, url: wantsUrl([container]) })),
  ]
}

/**
 * Name and password of a database user; the migration task creates the user. Where a container wants `database.url`,
 * the secret has the URL too: it verifies the server's certificate and name, and a password of letters and digits needs
 * no escape in it.
 * https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
function userSecret(stack: BatonStack, parent: Construct, user: DatabaseUser, server: DbInstance): string {
  const scope = new Construct(parent, user.id)
  const id = `${user.id}_database`
  const password = new EphemeralAwsSecretsmanagerRandomPassword(new Construct(scope, 'password'), id, {
    passwordLength: 40,
    excludePunctuation: true,
  })
  const secret = new SecretsmanagerSecret(scope, id, {
    name: databaseSecretName(stack.platform, user.name),
    description: `Database user of ${user.name}`,
    // Deleted at once: its password can be created again, and the name is free for the next platform.
    recoveryWindowInDays: 0,
    ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn }),
  })
  const login = { username: databaseUser(user.name), password: password.randomPassword }
  const url = `postgresql://${login.username}:${login.password}@${server.address}:5432/${databaseOf(stack.platform).name}?sslmode=verify-full&sslrootcert=${databaseCertificates}`
  new SecretsmanagerSecretVersion(new Construct(scope, 'version'), id, {
    secretId: secret.id,
    secretStringWo: JSON.stringify(user.url ? { ...login, url } : login),
    // Another number writes the secret again, with another password: the next migration gives it to the user.
    secretStringWoVersion: user.url ? 2 : 1,
  })
  return secret.arn
}
