/**
 * Reads of what an account on Fargate has little of: the two capacity providers that AWS gives to every account, and
 * no container instances, attributes, namespaces, daemons, gateways or Express Mode services.
 */
import type * as sdk from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { clientException, emptyList, invalidParameter } from '../model/errors.ts'
import { missing, page } from '../model/paging.ts'
import { type EcsState, lastPart } from '../model/state.ts'

const providers = ['FARGATE', 'FARGATE_SPOT']

export function fargateOperations(state: EcsState) {
  const notFound = (code: string, what: string) => () => {
    throw new AwsError(code, `${what} not found.`)
  }
  const failed = (arns: readonly string[] | undefined) => (arns ?? []).map(missing)
  return {
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    DescribeCapacityProviders: (input) => {
      const requested = input.capacityProviders ?? providers
      const existing = requested.map(lastPart).filter((name) => providers.includes(name))
      const { items, nextToken } = page(existing, input, { most: 10 })
      return {
        capacityProviders: items.map((name) => ({
          capacityProviderArn: state.arn(`capacity-provider/${name}`),
          name,
          status: 'ACTIVE' as const,
          tags: [],
        })),
        failures: requested
          .filter((name) => !providers.includes(lastPart(name)))
          .map((name) => missing(name.startsWith('arn:') ? name : state.arn(`capacity-provider/${name}`))),
        nextToken,
      }
    },
    ListContainerInstances: (input) => {
      state.cluster(input.cluster)
      return { containerInstanceArns: page<string>([], input).items }
    },
    DescribeContainerInstances: (input) => {
      const { name } = state.cluster(input.cluster)
      if (!input.containerInstances?.length) throw emptyList('Container instances')
      return {
        containerInstances: [],
        failures: input.containerInstances.map((id) =>
          missing(id.startsWith('arn:') ? id : state.arn(`container-instance/${name}/${id}`)),
        ),
      }
    },
    ListAttributes: (input) => {
      state.cluster(input.cluster)
      if (input.attributeValue !== undefined && input.attributeName === undefined)
        throw invalidParameter('An attribute name must be specified with an attribute value.')
      return { attributes: page<sdk.Attribute>([], input).items }
    },
    ListServicesByNamespace: notFound('NamespaceNotFoundException', 'Namespace'),

    ListDaemons: (input) => {
      if (input.clusterArn !== undefined) state.cluster(input.clusterArn)
      return { daemonSummariesList: page<sdk.DaemonSummary>([], input).items }
    },
    DescribeDaemon: notFound('DaemonNotFoundException', 'Daemon'),
    ListDaemonDeployments: notFound('DaemonNotFoundException', 'Daemon'),
    DescribeDaemonDeployments: (input) => ({
      daemonDeployments: [],
      failures: failed(input.daemonDeploymentArns),
    }),
    DescribeDaemonRevisions: (input) => ({
      daemonRevisions: [],
      failures: failed(input.daemonRevisionArns),
    }),
    ListDaemonTaskDefinitions: (input) => ({
      daemonTaskDefinitions: page<sdk.DaemonTaskDefinitionSummary>([], input).items,
    }),
    DescribeDaemonTaskDefinition: () => {
      throw clientException('Unable to describe daemon task definition.')
    },

    DescribeExpressGatewayService: notFound('ResourceNotFoundException', 'Service'),
    ListGateways: (input) => ({ gateways: page<sdk.GatewaySummary>([], input).items }),
    ListGatewayClusterAssociations: (input) => ({
      gatewayClusterAssociations: page<sdk.GatewayClusterAssociationSummary>([], input).items,
    }),
    ListGatewayRoutes: (input) => {
      if (input.gateway !== undefined) notFound('GatewayNotFoundException', 'Gateway')()
      return { gatewayRoutes: page<sdk.GatewayRouteSummary>([], input).items }
    },
    DescribeGateway: notFound('GatewayNotFoundException', 'Gateway'),
    DescribeGatewayResources: notFound('GatewayNotFoundException', 'Gateway'),
    DescribeGatewayRoute: notFound('GatewayNotFoundException', 'Gateway'),
  } satisfies Operations<typeof sdk>
}
