/** The API's operations on clusters. */
import type * as sdk from '@aws-sdk/client-ecs'
import type { Operations } from '../../protocol/operations.ts'
import { createCluster, deleteCluster } from './clusters.ts'
import { missing, page } from './paging.ts'
import { type EcsState, lastPart } from './state.ts'
import { clusterView } from './views.ts'

export function clusterOperations(state: EcsState) {
  return {
    CreateCluster: (input) => ({
      cluster: clusterView(
        state,
        createCluster(state, {
          name: input.clusterName ?? 'default',
          tags: input.tags ?? [],
          ...(input.settings
            ? {
                settings: input.settings.map(({ name = 'containerInsights', value = '' }) => ({
                  name,
                  value,
                })),
              }
            : {}),
          capacityProviders: input.capacityProviders ?? [],
        }),
      ),
    }),
    DeleteCluster: (input) => ({
      cluster: clusterView(state, deleteCluster(state, state.cluster(input.cluster))),
    }),
    DescribeClusters: (input) => {
      const wanted = input.clusters ?? ['default']
      const found = wanted.map((name) => ({ name, cluster: state.clusters.get(lastPart(name)) }))
      return {
        clusters: found.flatMap(({ cluster }) => (cluster ? [clusterView(state, cluster)] : [])),
        failures: found
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
