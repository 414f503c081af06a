/**
 * The database: PostgreSQL in subnets without a route to the internet, TLS forced. RDS creates, keeps and rotates
 * the master password; only the migration task uses it. Each service has its own user, whose password is created
 * during an apply and written once: it is in Secrets Manager and nowhere else, not in the Terraform state either.
 */
import { databaseIdentifier, databaseSecretName, databaseUser, finalSnapshotIdentifier } from '@baton/config'
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js'
import { DbInstance } from '@cdktn/provider-aws/lib/db-instance/index.js'
import { DbParameterGroup } from '@cdktn/provider-aws/lib/db-parameter-group/index.js'
import { DbSubnetGroup } from '@cdktn/provider-aws/lib/db-subnet-group/index.js'
import { EphemeralAwsSecretsmanagerRandomPassword } from '@cdktn/provider-aws/lib/ephemeral-aws-secretsmanager-random-password/index.js'
import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js'
import { SecretsmanagerSecretVersion } from '@cdktn/provider-aws/lib/secretsmanager-secret-version/index.js'
import { Construct } from 'constructs'
import { databaseOf } from '../described.ts'
import type { Network } from '../network/network.ts'
import type { SecurityGroups } from '../network/security-groups.ts'
import type { BatonStack } from '../terraform/stack.ts'

export interface Database {
  readonly instance: DbInstance
  /** ARN of the secret that RDS manages: JSON with `username` and `password`. */
  readonly masterSecretArn: string
  /** ARN of each service's own secret, in the same shape, by the service's name. */
  readonly secrets: ReadonlyMap<string, string>
}

export function database(
  stack: BatonStack,
  parts: { network: Network; securityGroups: SecurityGroups },
): Database {
  const scope = new Construct(stack, 'database')
  const { platform } = stack
  const database = databaseOf(platform)
  const identifier = databaseIdentifier(platform)
  const subnets = new DbSubnetGroup(new Construct(scope, 'subnets'), 'main', {
    name: identifier,
    description: `Database subnets of ${platform.name}`,
    subnetIds: parts.network.databaseSubnets.map(({ id }) => id),
  })
  const [major = database.engineVersion] = database.engineVersion.split('.')
  const parameters = new DbParameterGroup(new Construct(scope, 'parameters'), 'main', {
    name: `${identifier}-postgres${major}`,
    family: `postgres${major}`,
    description: 'TLS for every connection',
    parameter: [{ name: 'rds.force_ssl', value: '1', applyMethod: 'immediate' }],
    lifecycle: { createBeforeDestroy: true },
  })
  const groups = ['postgresql', 'upgrade'].map(
    (kind) =>
      // RDS would create them itself, without a retention.
      new CloudwatchLogGroup(new Construct(scope, `log-${kind}`), `database_${kind}`, {
        name: `/aws/rds/instance/${identifier}/${kind}`,
        retentionInDays: platform.logs.retentionDays,
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
    multiAz: database.multiAz,
    dbSubnetGroupName: subnets.name,
    vpcSecurityGroupIds: [parts.securityGroups.database.id],
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
    dependsOn: groups,
  })
  const secrets = new Map(platform.services.map(({ name }) => [name, userSecret(stack, scope, name)]))
  return { instance, masterSecretArn: instance.masterUserSecret.get(0).secretArn, secrets }
}

/** Name and password of a service's database user; the migration task creates the user. */
function userSecret(stack: BatonStack, parent: Construct, service: string): string {
  const scope = new Construct(parent, service)
  const id = `${service}_database`
  const password = new EphemeralAwsSecretsmanagerRandomPassword(new Construct(scope, 'password'), id, {
    passwordLength: 40,
    excludePunctuation: true,
  })
  const secret = new SecretsmanagerSecret(scope, id, {
    name: databaseSecretName(stack.platform, service),
    description: `Database user of ${service}`,
    // Deleted at once: its password can be created again, and the name is free for the next platform.
    recoveryWindowInDays: 0,
  })
  new SecretsmanagerSecretVersion(new Construct(scope, 'version'), id, {
    secretId: secret.id,
    secretStringWo: JSON.stringify({ username: databaseUser(service), password: password.randomPassword }),
    // Raise it, and a new password is written.
    secretStringWoVersion: 1,
  })
  return secret.arn
}
