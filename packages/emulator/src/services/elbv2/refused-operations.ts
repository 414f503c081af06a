/** The operations of Elastic Load Balancing that the emulator does not have, and what it tells who calls them. */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { because, type Refused } from '../../protocol/operations.ts'

export const refusedOperations = {
  ...because(
    'Its listeners do not ask clients for certificates, so there are no trust stores.',
    'AddTrustStoreRevocations',
    'CreateTrustStore',
    'DeleteSharedTrustStoreAssociation',
    'DeleteTrustStore',
    'ModifyTrustStore',
    'RemoveTrustStoreRevocations',
  ),
  ...because(
    'Its balancers are as large as this machine: capacity cannot be reserved.',
    'ModifyCapacityReservation',
  ),
  ...because('Its balancers listen on this machine: they take no addresses from pools.', 'ModifyIpPools'),
} satisfies Refused<typeof sdk>
