/** Creates clusters, and deletes those without services and tasks. */
import { clusterContainsServices, clusterContainsTasks } from '../model/errors.ts'
import type { ClusterRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

/** An ACTIVE cluster of that name is returned unchanged, as CreateCluster does. */
export function createCluster(
  state: EcsState,
  fields: { name: string } & Partial<Omit<ClusterRecord, 'name' | 'arn' | 'status'>>,
): ClusterRecord {
  const existing = state.clusters.get(fields.name)
  if (existing?.status === 'ACTIVE') return existing
  const cluster: ClusterRecord = {
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
    tags: [],
    ...fields,
    arn: state.arn(`cluster/${fields.name}`),
    status: 'ACTIVE',
  }
  state.clusters.put(cluster.name, cluster)
  return cluster
}

/** Throws while the cluster has services or tasks. */
export function deleteCluster(state: EcsState, cluster: ClusterRecord): ClusterRecord {
  const services = state.services.values().filter((service) => service.clusterName === cluster.name)
  if (services.some((service) => service.status !== 'INACTIVE')) throw clusterContainsServices()
  const tasks = state.tasks.values().filter((task) => task.clusterName === cluster.name)
  if (tasks.some((task) => task.lastStatus !== 'STOPPED')) throw clusterContainsTasks()
  const inactive: ClusterRecord = { ...cluster, status: 'INACTIVE' }
  state.clusters.put(cluster.name, inactive)
  return inactive
}
