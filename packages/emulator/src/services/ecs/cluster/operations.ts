/** The API's operations on clusters. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../../protocol/operations.ts'
import { invalidParameter, notImplemented, tooMany } from '../model/errors.ts'
import type { CapacityProviderItem, ClusterRecord } from '../model/model.ts'
import { missing, page } from '../model/paging.ts'
import { type EcsState, lastPart } from '../model/state.ts'
import { createCluster, deleteCluster } from './clusters.ts'
import { clusterView } from './view.ts'

export function clusterOperations(state: EcsState) {
  const change = (
    nameOrArn: string | undefined,
    changes: Partial<Pick<ClusterRecord, 'settings' | 'configuration' | 'capacityProviders'>> &
      Partial<Pick<ClusterRecord, 'defaultCapacityProviderStrategy'>>,
  ) => {
    const cluster: ClusterRecord = { ...state.cluster(nameOrArn), ...changes }
    state.clusters.put(cluster.name, cluster)
    return { cluster: clusterView(state, cluster, ['SETTINGS', 'TAGS', 'CONFIGURATIONS']) }
  }
  return {
    CreateCluster: (input) => {
      refuseUnsupported(input)
      const cluster = createCluster(state, {
        name: checkName(input.clusterName ?? 'default'),
        tags: input.tags ?? [],
        ...(input.settings ? { settings: settingsOf(input.settings) } : {}),
        ...(input.configuration ? { configuration: input.configuration } : {}),
        capacityProviders: checkProviders(input.capacityProviders ?? []),
        defaultCapacityProviderStrategy: strategyOf(input.defaultCapacityProviderStrategy),
      })
      return { cluster: clusterView(state, cluster, ['SETTINGS', 'TAGS']) }
    },
    UpdateCluster: (input) => {
      refuseUnsupported(input)
      return change(input.cluster, {
        ...(input.settings ? { settings: settingsOf(input.settings) } : {}),
        ...(input.configuration ? { configuration: input.configuration } : {}),
      })
    },
    UpdateClusterSettings: (input) => change(input.cluster, { settings: settingsOf(input.settings) }),
    PutClusterCapacityProviders: (input) =>
      change(input.cluster, {
        capacityProviders: checkProviders(input.capacityProviders ?? []),
        defaultCapacityProviderStrategy: strategyOf(input.defaultCapacityProviderStrategy),
      }),
    DeleteCluster: (input) => ({
      cluster: clusterView(state, deleteCluster(state, state.cluster(input.cluster)), ['SETTINGS', 'TAGS']),
    }),
    DescribeClusters: (input) => {
      const requested = input.clusters?.length ? input.clusters : ['default']
      if (requested.length > 100) throw tooMany('clusters', 100)
      const results = requested.map((name) => ({ name, cluster: state.clusters.get(lastPart(name)) }))
      return {
        clusters: results.flatMap(({ cluster }) =>
          cluster ? [clusterView(state, cluster, input.include)] : [],
        ),
        failures: results
          .filter(({ cluster }) => !cluster)
          .map(({ name }) => missing(name.startsWith('arn:') ? name : state.arn(`cluster/${name}`))),
      }
    },
    ListClusters: (input) => {
      const active = state.clusters.values().filter(({ status }) => status === 'ACTIVE')
      const { items, nextToken } = page(
        active.map(({ arn }) => arn),
        input,
      )
      return { clusterArns: items, nextToken }
    },
  } satisfies Operations<typeof sdk>
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html */
function checkName(name: string): string {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    throw invalidParameter('Cluster name contains invalid characters.')
  return name
}

const settingsOf = (settings: readonly sdk.ClusterSetting[] | undefined): ClusterRecord['settings'] =>
  (settings ?? []).map(({ name = 'containerInsights', value = '' }) => {
    if (name !== 'containerInsights' || !['enabled', 'disabled', 'enhanced'].includes(value))
      throw invalidParameter(`Invalid cluster setting: ${name} with value ${value}.`)
    return { name, value }
  })

const strategyOf = (
  items: readonly sdk.CapacityProviderStrategyItem[] | undefined,
): CapacityProviderItem[] => {
  checkProviders((items ?? []).map(({ capacityProvider = '' }) => capacityProvider))
  return (items ?? []).map(({ capacityProvider = '', weight, base }) => ({ capacityProvider, weight, base }))
}

function checkProviders(names: readonly string[]): readonly string[] {
  const unknown = names.find((name) => !['FARGATE', 'FARGATE_SPOT'].includes(name))
  if (unknown === undefined) return names
  throw invalidParameter(
    `The specified capacity provider ${unknown} was not found. Specify a valid name or ARN and try again.`,
  )
}

function refuseUnsupported(input: { readonly serviceConnectDefaults?: object | undefined }): void {
  if (input.serviceConnectDefaults) throw notImplemented('Service Connect')
}
