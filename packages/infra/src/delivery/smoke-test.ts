/**
 * The smoke test of a service: a Lambda function outside of the VPC, which CodeDeploy calls after it has opened
 * the test listener (see `functions/smoke-test.ts`). It may read the secret header and answer CodeDeploy.
 */
import { functionName, originHeader as headerName, type Service } from '@baton/config'
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js'
import { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js'
import { Construct } from 'constructs'
import { trafficOf } from '../described.ts'
import type { LoadBalancer } from '../network/load-balancer.ts'
import { keyUse } from '../security/encryption-key.ts'
import type { OriginHeader } from '../security/origin-header.ts'
import { role } from '../security/roles.ts'
import type { Asset } from '../terraform/assets.ts'
import type { BatonStack } from '../terraform/stack.ts'

export function smokeTest(
  stack: BatonStack,
  service: Service,
  parts: { asset: Asset; loadBalancer: LoadBalancer; originHeader: OriginHeader; deploymentGroupArn: string },
): LambdaFunction {
  const { platform } = stack
  const id = `${service.name}_smoke_test`
  const part = `${service.name}-smoke-test`
  const name = functionName(platform, part)
  const scope = new Construct(stack, part)
  const log = new CloudwatchLogGroup(new Construct(scope, 'log'), id, {
    name: `/aws/lambda/${name}`,
    retentionInDays: platform.logs.retentionDays,
    ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn }),
  })
  const execution = role(stack, {
    id,
    part,
    service: 'lambda.amazonaws.com',
    description: `Smoke test of ${service.name}`,
    statements: [
      { Sid: 'Logs', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${log.arn}:*` },
      { Sid: 'Header', Action: 'ssm:GetParameter', Resource: parts.originHeader.parameter.arn },
      ...keyUse(stack, 'ssm'),
      {
        Sid: 'Answer',
        Action: 'codedeploy:PutLifecycleEventHookExecutionStatus',
        Resource: parts.deploymentGroupArn,
      },
    ],
  })
  const [host = ''] = trafficOf(service).hosts
  return new LambdaFunction(scope, id, {
    functionName: name,
    description: `Smoke test of ${service.name}`,
    role: execution.arn,
    runtime: 'nodejs24.x',
    architectures: ['arm64'],
    handler: 'index.handler',
    filename: parts.asset.file,
    sourceCodeHash: parts.asset.hash,
    timeout: 180,
    memorySize: 256,
    environment: {
      variables: {
        TEST_LISTENER: `https://${parts.loadBalancer.balancer.dnsName}:${platform.delivery.testPort}`,
        HOST: host,
        HEALTH_PATH: trafficOf(service).health.path,
        ORIGIN_HEADER: headerName,
        ORIGIN_HEADER_PARAMETER: parts.originHeader.parameter.name,
      },
    },
    loggingConfig: { logFormat: 'Text', logGroup: log.name },
  })
}
