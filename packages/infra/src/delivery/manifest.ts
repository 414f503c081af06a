/** The manifest: names and ids that the release code needs, as SSM parameters (see config's `manifest.ts`). */
import {
  codedeployApplicationName,
  family,
  type Job,
  type JobManifest,
  jobPart,
  type ManifestKind,
  type MigrationManifest,
  manifestParameter,
  migrationFamily,
  migrationTemplateFamily,
  type Service,
  type ServiceManifest,
  scheduleGroupName,
  scheduleName,
  templateFamily,
} from '@baton/config'
import type { CodedeployDeploymentGroup } from '@cdktn/provider-aws/lib/codedeploy-deployment-group/index.js'
import type { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import type { EcsService } from '@cdktn/provider-aws/lib/ecs-service/index.js'
import type { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js'
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js'
import { Construct } from 'constructs'
import type { Network } from '../network/network.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { migrationContainer } from './migration.ts'

/** One parameter of the manifest. */
export function parameter(stack: BatonStack, id: string, name: string, value: object): void {
  new SsmParameter(new Construct(stack, `manifest-${id}`), id, {
    name,
    description: 'For the release code',
    type: 'String',
    value: JSON.stringify(value),
  })
}

export function serviceManifest(
  stack: BatonStack,
  service: Service,
  parts: {
    cluster: EcsCluster
    ecsService: EcsService
    repositories: ReadonlyMap<string, DataAwsEcrRepository>
    /** Absent for a worker. */
    deploymentGroup?: CodedeployDeploymentGroup
    smokeTest?: LambdaFunction
  },
): void {
  const { platform } = stack
  const kind: ManifestKind = 'services'
  const { deploymentGroup } = parts
  const images = Object.fromEntries(
    [...parts.repositories].map(([name, repository]) => [name, repository.name]),
  )
  parameter(stack, `service_${service.name}`, manifestParameter(platform.name, kind, service.name), {
    cluster: parts.cluster.name,
    service: parts.ecsService.name,
    templateFamily: templateFamily(platform, service.name),
    family: family(platform, service.name),
    containerName: service.traffic?.container ?? service.name,
    containerPort: service.traffic?.port ?? 0,
    repository: images[service.name] ?? '',
    images,
    ...(deploymentGroup === undefined
      ? { controller: 'ECS', codedeployApplication: '', codedeployDeploymentGroup: '' }
      : {
          controller: 'CODE_DEPLOY',
          codedeployApplication: codedeployApplicationName(platform),
          codedeployDeploymentGroup: deploymentGroup.deploymentGroupName,
        }),
    desiredCount: service.tasks.min,
    scalableTarget: `service/${parts.cluster.name}/${parts.ecsService.name}`,
    giveUpAfterMinutes: platform.delivery.giveUpAfterMinutes,
    ...(parts.smokeTest === undefined ? {} : { smokeTest: parts.smokeTest.functionName }),
  } satisfies ServiceManifest)
}

export function jobManifest(
  stack: BatonStack,
  job: Job,
  parts: {
    cluster: EcsCluster
    network: Network
    securityGroup: SecurityGroup
    repository: DataAwsEcrRepository
  },
): void {
  const { platform } = stack
  const part = jobPart(job.name)
  parameter(stack, `job_${job.name}`, manifestParameter(platform.name, 'jobs', job.name), {
    cluster: parts.cluster.name,
    templateFamily: templateFamily(platform, part),
    family: family(platform, part),
    containerName: job.container.name,
    repository: parts.repository.name,
    ...(job.service === undefined ? {} : { service: job.service }),
    schedule: scheduleName(platform, job.name),
    scheduleGroup: scheduleGroupName(platform),
    timeoutMinutes: job.timeoutMinutes,
    overlap: job.overlap,
    subnets: parts.network.taskSubnets.map(({ id }) => id),
    securityGroups: [parts.securityGroup.id],
    assignPublicIp: parts.network.assignPublicIp,
  } satisfies JobManifest)
}

export function migrationManifest(
  stack: BatonStack,
  parts: {
    cluster: EcsCluster
    network: Network
    securityGroup: SecurityGroup
    repository: DataAwsEcrRepository
  },
): void {
  const { platform } = stack
  parameter(stack, 'migration', manifestParameter(platform.name, 'migration'), {
    cluster: parts.cluster.name,
    templateFamily: migrationTemplateFamily(platform),
    family: migrationFamily(platform),
    containerName: migrationContainer,
    repository: parts.repository.name,
    subnets: parts.network.taskSubnets.map(({ id }) => id),
    securityGroups: [parts.securityGroup.id],
    assignPublicIp: parts.network.assignPublicIp,
  } satisfies MigrationManifest)
}
