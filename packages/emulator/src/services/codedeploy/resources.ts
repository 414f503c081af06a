/** Terraform's CodeDeploy resources, by the same rules as the API. */
import type { TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { firstBlock, isBlock } from '../../terraform/type/values.ts'
import { changedOutside, groupInput } from './group/input.ts'
import type { State } from './model/state.ts'
import type { ResourceTags } from './model/tags.ts'

const tags = { tags: implemented(), tags_all: computed() }
const one = { maxItems: 1 }

export function createResourceTypes(
  { accountId, region }: EmulatorContext,
  state: State,
  resourceTags: Pick<ResourceTags, 'put'>,
): ResourceType[] {
  const arn = (kind: string, name: string) => `arn:aws:codedeploy:${region}:${accountId}:${kind}:${name}`
  const keepTags = (id: string, planned: Attributes) => {
    const all = planned.tags_all ?? planned.tags
    const given = isBlock(all) ? Object.entries(all) : []
    resourceTags.put(
      id,
      given.map(([Key, value]) => ({ Key, Value: String(value) })),
    )
  }
  return [
    application(state, arn, keepTags),
    deploymentConfig(state, arn),
    deploymentGroup(state, arn, keepTags),
  ]
}

type Arn = (kind: string, name: string) => string
type KeepTags = (id: string, planned: Attributes) => void

function application(state: State, arn: Arn, keepTags: KeepTags): ResourceType {
  const exists = (name: string) => state.applications().find((candidate) => candidate.name === name)
  const attributes = (planned: Attributes): Attributes => {
    const found = state.application(String(planned.name))
    keepTags(found.id, planned)
    return {
      ...planned,
      // The provider's own form of this id.
      id: `${found.id}:${found.name}`,
      application_id: found.id,
      arn: arn('application', found.name),
      linked_to_github: false,
      github_account_name: '',
    }
  }
  return {
    type: 'aws_codedeploy_app',
    attributes: {
      name: implemented(),
      compute_platform: implemented({ forceNew: true, default: 'Server' }),
      application_id: computed(),
      arn: computed(),
      github_account_name: computed(),
      id: computed(),
      linked_to_github: computed(),
      ...tags,
    },
    create(planned) {
      state.createApplication(String(planned.name), String(planned.compute_platform ?? 'Server'))
      return attributes(planned)
    },
    read: (prior) => (exists(String(prior.name)) === undefined ? undefined : prior),
    update(planned, prior) {
      if (planned.name !== prior.name) state.renameApplication(String(prior.name), String(planned.name))
      return attributes({ ...prior, ...planned })
    },
    delete(prior) {
      state.deleteApplication(String(prior.name))
      keepTags(String(prior.application_id), {})
    },
  }
}

function deploymentConfig(state: State, arn: Arn): ResourceType {
  const interval = { interval: implemented({ forceNew: true }), percentage: implemented({ forceNew: true }) }
  return {
    type: 'aws_codedeploy_deployment_config',
    attributes: {
      deployment_config_name: implemented({ forceNew: true }),
      compute_platform: implemented({ forceNew: true, default: 'Server' }),
      traffic_routing_config: block(
        {
          type: implemented({ forceNew: true, default: 'AllAtOnce' }),
          time_based_canary: block(interval, { ...one, forceNew: true }),
          time_based_linear: block(interval, { ...one, forceNew: true }),
        },
        { ...one, forceNew: true },
      ),
      deployment_config_id: computed(),
      arn: computed(),
      id: computed(),
    },
    create(planned) {
      const name = String(planned.deployment_config_name)
      const platform = String(planned.compute_platform ?? 'Server')
      const made = state.createConfiguration(
        name,
        platform,
        routing(firstBlock(planned.traffic_routing_config)),
      )
      return { ...planned, id: name, deployment_config_id: made.id, arn: arn('deploymentconfig', name) }
    },
    read: (prior) => (state.configurations().some((found) => found.name === prior.id) ? prior : undefined),
    delete: (prior) => state.deleteConfiguration(String(prior.id)),
  }
}

function routing(config: Attributes | undefined): TrafficRoutingConfig {
  const canary = firstBlock(config?.time_based_canary)
  const linear = firstBlock(config?.time_based_linear)
  return {
    type: String(config?.type ?? 'AllAtOnce') as NonNullable<TrafficRoutingConfig['type']>,
    ...(canary && {
      timeBasedCanary: {
        canaryPercentage: Number(canary.percentage),
        canaryInterval: Number(canary.interval),
      },
    }),
    ...(linear && {
      timeBasedLinear: {
        linearPercentage: Number(linear.percentage),
        linearInterval: Number(linear.interval),
      },
    }),
  }
}

function deploymentGroup(state: State, arn: Arn, keepTags: KeepTags): ResourceType {
  const listeners = block({ listener_arns: implemented({ set: true }) }, one)
  const attributes = (planned: Attributes, id: string): Attributes => {
    keepTags(id, planned)
    return {
      ...planned,
      id,
      deployment_group_id: id,
      compute_platform: 'ECS',
      arn: arn('deploymentgroup', `${planned.app_name}/${planned.deployment_group_name}`),
    }
  }
  const find = (prior: Attributes) => {
    const owner = state.applications().some((candidate) => candidate.name === prior.app_name)
    const groups = owner ? state.groups(String(prior.app_name)) : []
    return groups.find((group) => group.deploymentGroupId === prior.id)
  }
  return {
    type: 'aws_codedeploy_deployment_group',
    attributes: {
      app_name: implemented({ forceNew: true }),
      deployment_group_name: implemented(),
      deployment_config_name: implemented({ default: 'CodeDeployDefault.OneAtATime' }),
      service_role_arn: implemented(),
      outdated_instances_strategy: ignored('concerns instances, not ECS services', { default: 'UPDATE' }),
      termination_hook_enabled: ignored('concerns Auto Scaling groups, not ECS services'),
      alarm_configuration: block(
        {
          enabled: implemented(),
          alarms: implemented({ set: true }),
          ignore_poll_alarm_failure: implemented({ default: false }),
        },
        one,
      ),
      auto_rollback_configuration: block({ enabled: implemented(), events: implemented({ set: true }) }, one),
      blue_green_deployment_config: block(
        {
          deployment_ready_option: block(
            { action_on_timeout: implemented(), wait_time_in_minutes: implemented() },
            one,
          ),
          terminate_blue_instances_on_deployment_success: block(
            { action: implemented(), termination_wait_time_in_minutes: implemented() },
            one,
          ),
        },
        { ...one, computed: true },
      ),
      deployment_style: block(
        {
          deployment_option: implemented({ default: 'WITHOUT_TRAFFIC_CONTROL' }),
          deployment_type: implemented({ default: 'IN_PLACE' }),
        },
        one,
      ),
      ecs_service: block({ cluster_name: implemented(), service_name: implemented() }, one),
      load_balancer_info: block(
        {
          target_group_pair_info: block(
            {
              target_group: block({ name: implemented() }, { maxItems: 2 }),
              prod_traffic_route: listeners,
              test_traffic_route: listeners,
            },
            one,
          ),
        },
        one,
      ),
      trigger_configuration: block(
        {
          trigger_events: implemented({ set: true }),
          trigger_name: implemented(),
          trigger_target_arn: implemented(),
        },
        { set: true },
      ),
      deployment_group_id: computed(),
      compute_platform: computed(),
      arn: computed(),
      id: computed(),
      ...tags,
    },
    create: (planned) => attributes(planned, state.createGroup(groupInput(planned)).deploymentGroupId),
    read(prior) {
      const group = find(prior)
      return group && { ...prior, ...changedOutside(prior, group) }
    },
    update(planned, prior) {
      const group = state.group(String(prior.app_name), String(prior.deployment_group_name))
      const next = { ...prior, ...planned }
      state.updateGroup(group, groupInput(next))
      return attributes(next, group.deploymentGroupId)
    },
    delete(prior) {
      state.deleteGroup(String(prior.app_name), String(prior.deployment_group_name))
      keepTags(String(prior.id), {})
    },
  }
}
