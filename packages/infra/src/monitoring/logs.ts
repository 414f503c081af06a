/**
 * Where logs go: CloudWatch for what tasks print, and a file system for the log files that they write, with a
 * directory (an access point) per service and a mount target per private subnet. A service enters its own access
 * point only: `fileSystemAccess` says so in the file system's policy.
 */
import { jobPart, logGroupName } from '@baton/config'
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js'
import { EfsAccessPoint } from '@cdktn/provider-aws/lib/efs-access-point/index.js'
import { EfsFileSystem } from '@cdktn/provider-aws/lib/efs-file-system/index.js'
import { EfsFileSystemPolicy } from '@cdktn/provider-aws/lib/efs-file-system-policy/index.js'
import { EfsMountTarget } from '@cdktn/provider-aws/lib/efs-mount-target/index.js'
import { Construct } from 'constructs'
import type { Network } from '../network/network.ts'
import type { SecurityGroups } from '../network/security-groups.ts'
import { policyDocument, type Statement } from '../security/policy.ts'
import type { BatonStack } from '../terraform/stack.ts'

export interface Logs {
  /** Log group of each service, of each job (`job-nightly`), and of `migration`. */
  readonly groups: ReadonlyMap<string, CloudwatchLogGroup>
  readonly fileSystem: EfsFileSystem
  readonly accessPoints: ReadonlyMap<string, EfsAccessPoint>
  readonly mountTargets: readonly EfsMountTarget[]
}

/** The user that owns a service's log files; the access point makes every task this user. */
const logUser = 1000

export function logs(stack: BatonStack, parts: { network: Network; securityGroups: SecurityGroups }): Logs {
  const scope = new Construct(stack, 'logs')
  const { platform } = stack
  const owners = [
    ...platform.services.map(({ name }) => ({ part: name, id: name })),
    ...platform.jobs.map(({ name }) => ({ part: jobPart(name), id: `job_${name}` })),
  ]
  const groupScope = new Construct(scope, 'groups')
  const groups = new Map(
    [...owners, ...(platform.database === undefined ? [] : [{ part: 'migration', id: 'migration' }])].map(
      ({ part, id }) => [
        part,
        new CloudwatchLogGroup(groupScope, id, {
          name: logGroupName(platform, part),
          retentionInDays: platform.logs.retentionDays,
          ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn }),
        }),
      ],
    ),
  )
  const fileSystem = new EfsFileSystem(scope, 'logs', {
    encrypted: true,
    ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn }),
    throughputMode: 'elastic',
    lifecyclePolicy: [{ transitionToIa: 'AFTER_30_DAYS' }],
    tags: { Name: `${platform.name}-logs` },
  })
  const mountTargets = parts.network.privateSubnets.map(
    (subnet, index) =>
      new EfsMountTarget(scope, `logs_${platform.network.zones[index]?.letter ?? index}`, {
        fileSystemId: fileSystem.id,
        subnetId: subnet.id,
        securityGroups: [parts.securityGroups.fileSystem.id],
      }),
  )
  const accessScope = new Construct(scope, 'access-points')
  const accessPoints = new Map(
    owners.map(({ part, id }) => [
      part,
      new EfsAccessPoint(accessScope, id, {
        fileSystemId: fileSystem.id,
        posixUser: { uid: logUser, gid: logUser },
        rootDirectory: {
          path: `/${part}`,
          creationInfo: { ownerUid: logUser, ownerGid: logUser, permissions: '0750' },
        },
        tags: { Name: `${platform.name}-${part}` },
      }),
    ]),
  )
  return { groups, fileSystem, accessPoints, mountTargets }
}

/** What a task does with its log files; the task's own role allows the same. */
export const logFileActions = ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']

/**
 * Who may mount the file system: each service's role, by the access point of that service and over TLS. Without a
 * policy EFS grants full access to every client that can connect to a mount target, whatever its role.
 * https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
 */
export function fileSystemAccess(stack: BatonStack, logs: Logs, roles: ReadonlyMap<string, string>): void {
  const mount = [...roles].map(([service, role]): Statement => {
    const accessPoint = logs.accessPoints.get(service)
    if (accessPoint === undefined) throw new Error(`invariant: ${service} has an access point`)
    return {
      Action: logFileActions,
      Principal: { AWS: role },
      Resource: logs.fileSystem.arn,
      Condition: {
        StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint.arn },
        Bool: { 'aws:SecureTransport': 'true' },
      },
    }
  })
  const withoutTls: Statement = {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Action: [...logFileActions, 'elasticfilesystem:ClientRootAccess'],
    Principal: { AWS: '*' },
    Resource: logs.fileSystem.arn,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
  new EfsFileSystemPolicy(new Construct(stack, 'file-system-access'), 'logs', {
    fileSystemId: logs.fileSystem.id,
    policy: policyDocument([...mount, withoutTls]),
  })
}
