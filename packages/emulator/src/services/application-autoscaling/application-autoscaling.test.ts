import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-application-auto-scaling'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createApplicationAutoScaling } from './index.ts'

async function served() {
  const applicationAutoScaling = createApplicationAutoScaling(testContext())
  if (!applicationAutoScaling.api) throw new Error('Application Auto Scaling has an API')
  const wire = await serveForTest([applicationAutoScaling.api])
  const client = new sdk.ApplicationAutoScalingClient(wire.client)
  return { applicationAutoScaling, client, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() }
}

const apply = {
  address: 'aws_appautoscaling_target.a',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}
const id = {
  ServiceNamespace: 'ecs' as const,
  ResourceId: 'service/main/admin',
  ScalableDimension: 'ecs:service:DesiredCount' as const,
}
const identity = {
  service_namespace: 'ecs',
  resource_id: 'service/main/admin',
  scalable_dimension: 'ecs:service:DesiredCount',
}

// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
test('suspends and resumes scaling without touching the bounds', async () => {
  await using emulator = await served()
  const { client, applicationAutoScaling } = emulator
  await client.send(new sdk.RegisterScalableTargetCommand({ ...id, MinCapacity: 1, MaxCapacity: 4 }))
  const suspend = (suspended: boolean) =>
    client.send(
      new sdk.RegisterScalableTargetCommand({
        ...id,
        SuspendedState: { DynamicScalingInSuspended: suspended, DynamicScalingOutSuspended: suspended },
      }),
    )
  await suspend(true)
  const { ScalableTargets } = await client.send(
    new sdk.DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [id.ResourceId] }),
  )
  assert.deepEqual(ScalableTargets?.[0]?.SuspendedState, {
    DynamicScalingInSuspended: true,
    DynamicScalingOutSuspended: true,
    ScheduledScalingSuspended: false,
  })
  assert.equal(ScalableTargets?.[0]?.MaxCapacity, 4)
  await suspend(false)
  assert.deepEqual(applicationAutoScaling.scalableTarget(id.ResourceId)?.suspended, {
    in: false,
    out: false,
    scheduled: false,
  })
})

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
test('refuses a first registration without bounds, and a policy without a target', async () => {
  await using emulator = await served()
  const { client } = emulator
  await assert.rejects(client.send(new sdk.RegisterScalableTargetCommand(id)), {
    name: 'ValidationException',
  })
  const policy = new sdk.PutScalingPolicyCommand({
    ...id,
    PolicyName: 'cpu',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
  })
  await assert.rejects(client.send(policy), { name: 'ObjectNotFoundException' })
})

test('applies target, policy and schedule, describes them, and deregisters all of them', async () => {
  await using emulator = await served()
  const { client, applicationAutoScaling } = emulator
  const [targetType, policyType, actionType] = applicationAutoScaling.resourceTypes ?? []
  const target = await targetType?.create({ ...identity, min_capacity: 1, max_capacity: 4 }, apply)
  assert.equal(target?.id, 'service/main/admin')
  await policyType?.create(
    {
      ...identity,
      name: 'cpu',
      policy_type: 'TargetTrackingScaling',
      target_tracking_scaling_policy_configuration: [
        {
          target_value: 70,
          scale_in_cooldown: 180,
          predefined_metric_specification: [{ predefined_metric_type: 'ECSServiceAverageCPUUtilization' }],
        },
      ],
    },
    apply,
  )
  await actionType?.create(
    {
      ...identity,
      name: 'night',
      schedule: 'cron(0 22 * * ? *)',
      timezone: 'Asia/Seoul',
      scalable_target_action: [{ min_capacity: 0, max_capacity: 0 }],
    },
    apply,
  )
  const { ScalingPolicies } = await client.send(
    new sdk.DescribeScalingPoliciesCommand({ ServiceNamespace: 'ecs' }),
  )
  assert.deepEqual(ScalingPolicies?.[0]?.TargetTrackingScalingPolicyConfiguration, {
    TargetValue: 70,
    ScaleInCooldown: 180,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
  })
  const schedules = () => client.send(new sdk.DescribeScheduledActionsCommand({ ServiceNamespace: 'ecs' }))
  assert.deepEqual((await schedules()).ScheduledActions?.[0]?.ScalableTargetAction, {
    MinCapacity: 0,
    MaxCapacity: 0,
  })
  await targetType?.delete?.(target ?? {}, apply)
  assert.deepEqual((await schedules()).ScheduledActions, [])
})

test('shows Terraform a suspension that a deployment made', async () => {
  await using emulator = await served()
  const [targetType] = emulator.applicationAutoScaling.resourceTypes ?? []
  const target = await targetType?.create({ ...identity, min_capacity: 1, max_capacity: 4 }, apply)
  const SuspendedState = { DynamicScalingInSuspended: true }
  await emulator.client.send(new sdk.RegisterScalableTargetCommand({ ...id, SuspendedState }))
  const read = await targetType?.read?.(target ?? {}, apply)
  assert.deepEqual(read?.suspended_state, [
    {
      dynamic_scaling_in_suspended: true,
      dynamic_scaling_out_suspended: false,
      scheduled_scaling_suspended: false,
    },
  ])
})
