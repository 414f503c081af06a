/**
 * Reads of what no balancer of the emulator has: trust stores, policies of resources, reserved capacity. There are
 * none to list, and one that is asked for is not found.
 */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operations } from '../../../protocol/operations.ts'
import type { Elbv2Context } from '../model/context.ts'
import { resourceNotFound, trustStoreNotFound } from '../model/errors.ts'
import { page } from '../model/paging.ts'

export function trustStoreOperations({ state }: Elbv2Context) {
  const none = () => {
    throw trustStoreNotFound()
  }
  return {
    DescribeTrustStores(input) {
      if (input.TrustStoreArns?.length || input.Names?.length) throw trustStoreNotFound()
      const { items, ...next } = page<sdk.TrustStore>([], input)
      return { TrustStores: items, ...next }
    },
    DescribeTrustStoreAssociations: none,
    DescribeTrustStoreRevocations: none,
    GetTrustStoreCaCertificatesBundle: none,
    GetTrustStoreRevocationContent: none,
    GetResourcePolicy(input) {
      throw resourceNotFound(input.ResourceArn ?? '')
    },
    DescribeCapacityReservation(input) {
      state.loadBalancer(input.LoadBalancerArn)
      return { CapacityReservationState: [] }
    },
  } satisfies Operations<typeof sdk>
}
