/**
 * `aws_ecs_service`. As in the provider, `read` reports what deployments change (revision, load balancer, desired
 * count) as drift. A configuration that does not want that uses `ignore_changes`.
 */
import type { Store } from '../../../store.ts'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../../terraform/type/values.ts'
import { activeRevision } from '../model/api-input.ts'
import type { NetworkConfiguration, ServiceRecord } from '../model/model.ts'
import { type EcsState, lastPart } from '../model/state.ts'
import { tagList } from '../model/tag-list.ts'
import type { NewService, ServiceChange } from './change.ts'
import type { ServiceControl } from './control.ts'

const replaced = { forceNew: true }
const noPlacement = ignored('the emulator is one machine')
const noConnect = 'the emulator has neither Service Connect nor service discovery'

const attributes: AttributeSpecs = {
  id: computed(),
  arn: computed(),
  name: implemented(replaced),
  cluster: implemented({ ...replaced, computed: true }),
  task_definition: implemented(),
  desired_count: implemented({ default: 0 }),
  launch_type: implemented({ ...replaced, computed: true }),
  platform_version: implemented({ computed: true }),
  scheduling_strategy: implemented({ ...replaced, default: 'REPLICA' }),
  deployment_maximum_percent: implemented({ default: 200 }),
  deployment_minimum_healthy_percent: implemented({ default: 100 }),
  health_check_grace_period_seconds: implemented(),
  enable_ecs_managed_tags: implemented({ default: false }),
  enable_execute_command: implemented({ default: false }),
  propagate_tags: implemented({ default: 'NONE' }),
  force_new_deployment: implemented({ default: false }),
  force_delete: implemented(),
  wait_for_steady_state: implemented({ default: false }),
  triggers: implemented({ computed: true }),
  availability_zone_rebalancing: ignored('the emulator is one machine', { computed: true }),
  iam_role: ignored('policies are not evaluated', { ...replaced, computed: true }),
  sigint_rollback: ignored('an apply that is stopped does not change the deployment'),
  tags: implemented(),
  // A configuration without these blocks leaves the service's values unchanged.
  deployment_controller: block({ type: implemented({ default: 'ECS' }) }, { maxItems: 1, computed: true }),
  deployment_circuit_breaker: block(
    { enable: implemented(), rollback: implemented() },
    { maxItems: 1, computed: true },
  ),
  deployment_configuration: block({
    strategy: implemented(),
    bake_time_in_minutes: ignored('belongs to strategies that the emulator does not have'),
  }),
  load_balancer: block(
    {
      target_group_arn: implemented(),
      container_name: implemented(),
      container_port: implemented(),
      elb_name: ignored('the emulator has no Classic Load Balancers'),
    },
    { set: true },
  ),
  network_configuration: block(
    {
      subnets: implemented({ set: true }),
      security_groups: implemented({ set: true }),
      assign_public_ip: implemented({ default: false }),
    },
    { maxItems: 1 },
  ),
  capacity_provider_strategy: block(
    { capacity_provider: implemented(), weight: implemented(), base: implemented() },
    { set: true },
  ),
  ordered_placement_strategy: block({ type: noPlacement, field: noPlacement }),
  placement_constraints: block({ type: noPlacement, expression: noPlacement }, { set: true }),
  service_registries: block({
    registry_arn: ignored(noConnect),
    port: ignored(noConnect),
    container_name: ignored(noConnect),
    container_port: ignored(noConnect),
  }),
  alarms: block(
    { alarm_names: implemented({ set: true }), enable: implemented(), rollback: implemented() },
    { maxItems: 1 },
  ),
}

export function serviceType(store: Store, state: EcsState, control: ServiceControl): ResourceType {
  return {
    type: 'aws_ecs_service',
    attributes,
    async create(planned, context, onCreated) {
      // A destroy was interrupted: the service still drains.
      const before = state.findService(String(planned.cluster ?? 'default'), String(planned.name))
      if (before?.status === 'DRAINING') await control.waitUntilRemoved(before)
      const service = store.transaction(() => {
        const created = control.create(newService(state, planned), `arn:aws:iam::${context.accountId}:root`)
        onCreated?.({ ...planned, ...attributesOf(state, created) })
        return created
      })
      if (planned.wait_for_steady_state === true) await control.waitUntilStable(service, context.signal)
      return { ...planned, ...attributesOf(state, service) }
    },
    read(prior) {
      const service = find(state, prior)
      return service && { ...prior, ...attributesOf(state, service) }
    },
    async update(planned, prior, context) {
      const service = find(state, prior)
      if (!service) throw new Error(`the service ${prior.name} was deleted. Fix: apply again to create it`)
      checkInPlace(planned, prior, service)
      const updated = control.update(service, changeOf(state, planned, prior, service))
      if (planned.wait_for_steady_state === true) await control.waitUntilStable(updated, context.signal)
      return { ...prior, ...planned, ...attributesOf(state, updated) }
    },
    async delete(prior) {
      const service = state.findService(String(prior.cluster ?? 'default'), String(prior.name))
      if (!service || service.status === 'INACTIVE') return
      // As the provider does: scale to nothing, delete, wait until it is INACTIVE.
      await control.waitUntilRemoved(service.status === 'ACTIVE' ? control.remove(service, true) : service)
    },
  }
}

/** Refuses changes that the provider or the emulator cannot make to an existing service. */
function checkInPlace(planned: Attributes, prior: Attributes, service: ServiceRecord): void {
  const controller = blocks(planned.deployment_controller)[0]?.type ?? service.controller
  if (controller !== service.controller) {
    throw new Error(
      `the emulator does not change the deployment controller of an existing service (${service.controller} to ` +
        `${controller}), as AWS does. Fix: give the service another name, so that a new one is created`,
    )
  }
  const differs = JSON.stringify(strategyOf(planned)) !== JSON.stringify(strategyOf(prior))
  if (differs && planned.force_new_deployment !== true) {
    throw new Error(
      'capacity_provider_strategy changes only with force_new_deployment = true, as in the provider',
    )
  }
}

function find(state: EcsState, prior: Attributes): ServiceRecord | undefined {
  const service = state.findService(String(prior.cluster ?? 'default'), String(prior.name))
  return service?.status === 'ACTIVE' ? service : undefined
}

function networkOf(planned: Attributes): NetworkConfiguration | undefined {
  const [network] = blocks(planned.network_configuration)
  return (
    network && {
      subnets: stringList(network.subnets),
      securityGroups: stringList(network.security_groups),
      assignPublicIp: network.assign_public_ip === true ? 'ENABLED' : 'DISABLED',
    }
  )
}

const attachmentsOf = (planned: Attributes): ServiceRecord['loadBalancers'] =>
  blocks(planned.load_balancer).map((attachment) => ({
    targetGroupArn: String(attachment.target_group_arn),
    containerName: String(attachment.container_name),
    containerPort: Number(attachment.container_port),
  }))

const strategyOf = (planned: Attributes) =>
  blocks(planned.capacity_provider_strategy).map((item) => ({
    capacityProvider: String(item.capacity_provider),
    weight: Number(item.weight ?? 0),
    base: Number(item.base ?? 0),
  }))

/** The attributes that can change in place, for create and for update. */
function changeable(planned: Attributes) {
  const [breaker] = blocks(planned.deployment_circuit_breaker)
  const [alarms] = blocks(planned.alarms)
  return {
    desiredCount: Number(planned.desired_count ?? 0),
    network: networkOf(planned),
    gracePeriodSeconds: Number(planned.health_check_grace_period_seconds ?? 0),
    minimumHealthyPercent: Number(planned.deployment_minimum_healthy_percent ?? 100),
    maximumPercent: Number(planned.deployment_maximum_percent ?? 200),
    circuitBreaker: { enable: breaker?.enable === true, rollback: breaker?.rollback === true },
    alarms: {
      alarmNames: stringList(alarms?.alarm_names),
      enable: alarms?.enable === true,
      rollback: alarms?.rollback === true,
    },
    capacityProviderStrategy: strategyOf(planned),
    platformVersion: String(planned.platform_version ?? 'LATEST'),
    propagateTags: String(planned.propagate_tags ?? 'NONE'),
    enableEcsManagedTags: planned.enable_ecs_managed_tags === true,
    enableExecuteCommand: planned.enable_execute_command === true,
    tags: tagList(planned.tags),
  }
}

function newService(state: EcsState, planned: Attributes): NewService {
  const controller = String(blocks(planned.deployment_controller)[0]?.type ?? 'ECS')
  if (controller !== 'ECS' && controller !== 'CODE_DEPLOY') {
    throw new Error(`the emulator has no deployment controller ${controller}. Fix: use CODE_DEPLOY or ECS`)
  }
  const strategy = blocks(planned.deployment_configuration)[0]?.strategy ?? 'ROLLING'
  if (strategy !== 'ROLLING')
    throw new Error(`the emulator has no deployment strategy ${strategy}. Fix: use ROLLING`)
  if ((planned.scheduling_strategy ?? 'REPLICA') !== 'REPLICA') {
    throw new Error('the emulator has no scheduling strategy DAEMON. Fix: use REPLICA, as Fargate requires')
  }
  return {
    ...changeable(planned),
    name: String(planned.name),
    clusterName: state.cluster(lastPart(String(planned.cluster ?? 'default'))).name,
    controller,
    taskDefinitionArn: activeRevision(state, String(planned.task_definition)).arn,
    loadBalancers: attachmentsOf(planned),
    launchType: strategyOf(planned).length > 0 ? undefined : String(planned.launch_type ?? 'EC2'),
  }
}

/** As in the provider, only attributes that differ from the state are sent to ECS. */
function changeOf(
  state: EcsState,
  planned: Attributes,
  prior: Attributes,
  service: ServiceRecord,
): ServiceChange {
  const changed = (name: string) =>
    JSON.stringify(planned[name] ?? null) !== JSON.stringify(prior[name] ?? null)
  const { network, ...rest } = changeable(planned)
  return {
    ...rest,
    desiredCount: changed('desired_count') ? rest.desiredCount : service.desiredCount,
    ...(network && changed('network_configuration') ? { network } : {}),
    ...(changed('task_definition')
      ? { taskDefinitionArn: activeRevision(state, String(planned.task_definition)).arn }
      : {}),
    ...(changed('load_balancer') ? { loadBalancers: attachmentsOf(planned) } : {}),
    ...(planned.force_new_deployment === true || changed('triggers') ? { forceNewDeployment: true } : {}),
  }
}

const alarmsOf = ({ alarms }: ServiceRecord): Attributes[] =>
  alarms && alarms.alarmNames.length > 0
    ? [{ alarm_names: [...alarms.alarmNames], enable: alarms.enable, rollback: alarms.rollback }]
    : []

function attributesOf(state: EcsState, service: ServiceRecord): Attributes {
  return {
    id: service.arn,
    arn: service.arn,
    cluster: state.arn(`cluster/${service.clusterName}`),
    desired_count: service.desiredCount,
    task_definition: service.taskDefinitionArn,
    launch_type: service.launchType ?? null,
    platform_version: service.platformVersion,
    deployment_controller: [{ type: service.controller }],
    deployment_circuit_breaker: [
      { enable: service.circuitBreaker.enable, rollback: service.circuitBreaker.rollback },
    ],
    alarms: alarmsOf(service),
    load_balancer: service.loadBalancers.map((attachment) => ({
      target_group_arn: attachment.targetGroupArn,
      container_name: attachment.containerName,
      container_port: attachment.containerPort,
      elb_name: '',
    })),
  }
}
