/** The manifest: names and ids that the release code needs, as SSM parameters (see config's `manifest.ts`). */
import {
  codedeployApplicationName,
  family,
  type ManifestKind,
  type MigrationManifest,
  manifestParameter,
  migrationFamily,
  migrationTemplateFamily,
  type Service,
  type ServiceManifest,
  templateFamily,
} from '@baton/config'
import type { CodedeployDeploymentGroup } from '@cdktn/provider-aws/lib/codedeploy-deployment-group/index.js'
import type { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import type { EcsService } from '@cdktn/provider-aws/lib/ecs-service/index.js'
import type { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js'
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js'
import { Construct } from 'constructs'
import { trafficOf } from '../described.ts'
import type { Network } from '../network/network.ts'
import type { SecurityGroups } from '../network/security-groups.ts'
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
    repository: DataAwsEcrRepository
    deploymentGroup: CodedeployDeploymentGroup
    smokeTest?: LambdaFunction
  },
): void {
  const { platform } = stack
  const kind: ManifestKind = 'services'
  parameter(stack, `service_${service.name}`, manifestParameter(platform.name, kind, service.name), {
    cluster: parts.cluster.name,
    service: parts.ecsService.name,
    templateFamily: templateFamily(platform, service.name),
    family: family(platform, service.name),
    containerName: service.name,
    containerPort: trafficOf(service).port,
    repository: parts.repository.name,
    images: { [service.name]: parts.repository.name },
    controller: 'CODE_DEPLOY',
    codedeployApplication: codedeployApplicationName(platform),
    codedeployDeploymentGroup: parts.deploymentGroup.deploymentGroupName,
    desiredCount: service.tasks.min,
    scalableTarget: `service/${parts.cluster.name}/${parts.ecsService.name}`,
    giveUpAfterMinutes: platform.delivery.giveUpAfterMinutes,
    ...(parts.smokeTest === undefined ? {} : { smokeTest: parts.smokeTest.functionName }),
  } satisfies ServiceManifest)
}

export function migrationManifest(
  stack: BatonStack,
  parts: {
    cluster: EcsCluster
    network: Network
    securityGroups: SecurityGroups
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
    securityGroups: [parts.securityGroups.migration.id],
    assignPublicIp: parts.network.assignPublicIp,
  } satisfies MigrationManifest)
}
