/** ECS's Terraform types: AWS provider's documentation, aws_ecs_service */
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../terraform/type/values.ts'
import { createCluster, deleteCluster } from './cluster/clusters.ts'
import { clusterView } from './cluster/view.ts'
import type { EcsState } from './model/state.ts'
import { tagList } from './model/tag-list.ts'
import type { ServiceControl } from './service/control.ts'
import { serviceType } from './service/resource.ts'
import { taskDefinitionType } from './task-definition/resource.ts'

export function createResourceTypes(
  context: EmulatorContext,
  state: EcsState,
  control: ServiceControl,
): ResourceType[] {
  return [
    clusterType(state),
    clusterCapacityProvidersType(state),
    taskDefinitionType(context, state),
    serviceType(context.store, state, control),
  ]
}

function settingsOf(planned: Attributes): { settings?: { name: string; value: string }[] } {
  const settings = blocks(planned.setting).map(({ name, value }) => ({
    name: String(name),
    value: String(value),
  }))
  return settings.length > 0 ? { settings } : {}
}

function clusterType(state: EcsState): ResourceType {
  return {
    type: 'aws_ecs_cluster',
    attributes: {
      id: computed(),
      arn: computed(),
      name: implemented({ forceNew: true }),
      setting: block({ name: implemented(), value: implemented() }, { set: true }),
      configuration: block({
        execute_command_configuration: block({
          kms_key_id: ignored('the emulator has no ECS Exec'),
          logging: ignored('the emulator has no ECS Exec'),
          log_configuration: ignored('the emulator has no ECS Exec'),
        }),
        managed_storage_configuration: ignored('the storage of this machine is used'),
      }),
      service_connect_defaults: block({ namespace: ignored('the emulator has no Service Connect') }),
      tags: implemented(),
    },
    create(planned) {
      const cluster = createCluster(state, {
        name: String(planned.name),
        tags: tagList(planned.tags),
        ...settingsOf(planned),
      })
      return { ...planned, id: cluster.arn, arn: cluster.arn }
    },
    read(prior) {
      const cluster = state.clusters.get(String(prior.name))
      return cluster?.status === 'ACTIVE' ? prior : undefined
    },
    update(planned, prior) {
      const cluster = state.cluster(String(prior.name))
      state.clusters.put(cluster.name, { ...cluster, ...settingsOf(planned), tags: tagList(planned.tags) })
      return { ...prior, ...planned }
    },
    delete(prior) {
      const cluster = state.clusters.get(String(prior.name))
      if (cluster?.status === 'ACTIVE') deleteCluster(state, cluster)
    },
  }
}

function clusterCapacityProvidersType(state: EcsState): ResourceType {
  const apply = (planned: Attributes): Attributes => {
    const cluster = state.cluster(String(planned.cluster_name))
    state.clusters.put(cluster.name, {
      ...cluster,
      capacityProviders: stringList(planned.capacity_providers),
      defaultCapacityProviderStrategy: blocks(planned.default_capacity_provider_strategy).map((item) => ({
        capacityProvider: String(item.capacity_provider),
        weight: Number(item.weight ?? 0),
        base: Number(item.base ?? 0),
      })),
    })
    return { ...planned, id: cluster.name }
  }
  return {
    type: 'aws_ecs_cluster_capacity_providers',
    attributes: {
      id: computed(),
      cluster_name: implemented({ forceNew: true }),
      capacity_providers: implemented({ set: true }),
      default_capacity_provider_strategy: block(
        { capacity_provider: implemented(), weight: implemented(), base: implemented() },
        { set: true },
      ),
    },
    create: apply,
    update: apply,
    delete(prior) {
      const cluster = state.clusters.get(String(prior.cluster_name))
      if (cluster)
        state.clusters.put(cluster.name, {
          ...cluster,
          capacityProviders: [],
          defaultCapacityProviderStrategy: [],
        })
    },
  }
}

export function createDataSourceTypes(state: EcsState): DataSourceType[] {
  return [
    {
      type: 'aws_ecs_cluster',
      attributes: {
        id: computed(),
        cluster_name: implemented(),
        arn: computed(),
        status: computed(),
        pending_tasks_count: computed(),
        running_tasks_count: computed(),
        registered_container_instances_count: computed(),
        setting: computed(),
        tags: computed(),
      },
      read(config) {
        const view = clusterView(state, state.cluster(String(config.cluster_name)))
        return {
          cluster_name: String(config.cluster_name),
          id: view.clusterArn ?? '',
          arn: view.clusterArn ?? '',
          status: view.status ?? '',
          pending_tasks_count: view.pendingTasksCount ?? 0,
          running_tasks_count: view.runningTasksCount ?? 0,
          registered_container_instances_count: 0,
          setting: (view.settings ?? []).map(({ name = '', value = '' }) => ({ name, value })),
          tags: Object.fromEntries((view.tags ?? []).map(({ key = '', value = '' }) => [key, value])),
        }
      },
    },
    {
      type: 'aws_ecs_task_definition',
      attributes: {
        id: computed(),
        task_definition: implemented(),
        arn: computed(),
        arn_without_revision: computed(),
        family: computed(),
        revision: computed(),
        status: computed(),
        network_mode: computed(),
        task_role_arn: computed(),
        execution_role_arn: computed(),
        cpu: computed(),
        memory: computed(),
      },
      read(config) {
        const definition = state.taskDefinition(String(config.task_definition))
        return {
          task_definition: String(config.task_definition),
          id: definition.arn,
          arn: definition.arn,
          arn_without_revision: definition.arn.replace(/:\d+$/, ''),
          family: definition.family,
          revision: definition.revision,
          status: definition.status,
          network_mode: definition.input.networkMode ?? null,
          task_role_arn: definition.input.taskRoleArn ?? null,
          execution_role_arn: definition.input.executionRoleArn ?? null,
          cpu: definition.input.cpu ?? null,
          memory: definition.input.memory ?? null,
        }
      },
    },
  ]
}
