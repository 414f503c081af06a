/** Clusters as the API shows them. */
import type { Cluster, ClusterField } from '@aws-sdk/client-ecs'
import { type ClusterRecord, isPending, isRunning } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

/** Fields that the caller does not ask for by `include` are empty. */
export function clusterView(
  state: EcsState,
  cluster: ClusterRecord,
  include: readonly ClusterField[] = [],
): Cluster {
  const tasks = state.tasks.values().filter((task) => task.clusterName === cluster.name)
  const services = state.services.values().filter((service) => service.clusterName === cluster.name)
  const counts = {
    running: tasks.filter(isRunning).length,
    pending: tasks.filter(isPending).length,
    active: services.filter(({ status }) => status === 'ACTIVE').length,
    draining: services.filter(({ status }) => status === 'DRAINING').length,
  }
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: counts.active,
    statistics: include.includes('STATISTICS') ? statistics(counts) : [],
    tags: include.includes('TAGS') ? [...cluster.tags] : [],
    settings: include.includes('SETTINGS')
      ? cluster.settings.map(({ name, value }) => ({ name: name as 'containerInsights', value }))
      : [],
    ...(include.includes('CONFIGURATIONS') && cluster.configuration
      ? { configuration: cluster.configuration }
      : {}),
    ...(include.includes('ATTACHMENTS') ? { attachments: [] } : {}),
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy.map((item) => ({ ...item })),
  }
}

/** By launch type: every task of the emulator counts as Fargate's. */
function statistics(counts: Readonly<Record<'running' | 'pending' | 'active' | 'draining', number>>) {
  const all = {
    runningEC2TasksCount: 0,
    runningFargateTasksCount: counts.running,
    pendingEC2TasksCount: 0,
    pendingFargateTasksCount: counts.pending,
    runningExternalTasksCount: 0,
    pendingExternalTasksCount: 0,
    activeEC2ServiceCount: 0,
    activeFargateServiceCount: counts.active,
    drainingEC2ServiceCount: 0,
    drainingFargateServiceCount: counts.draining,
    activeExternalServiceCount: 0,
    drainingExternalServiceCount: 0,
  }
  return Object.entries(all).map(([name, value]) => ({ name, value: String(value) }))
}
