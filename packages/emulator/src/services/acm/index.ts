/**
 * Certificate Manager: certificates for the load balancer and the edge, in any region, issued by the emulator's own
 * authority once Route 53 holds their validation records.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-acm'
import type { EmulatorContext } from '../../service.ts'
import type { Route53 } from '../route53/contract.ts'
import { behaviours } from './behaviours.ts'
import type { Acm } from './contract.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export function createAcm(context: EmulatorContext, { route53 }: { route53: Route53 }): Acm {
  const certificates = createState({
    accountId: context.accountId,
    store: context.store,
    authority: context.authority,
    now: () => context.clock.now(),
    cname: (name) => route53.values(name, 'CNAME'),
  })
  return {
    name: 'acm',
    behaviours,
    resourceTypes: createResourceTypes(context, certificates),
    dataSourceTypes: createDataSourceTypes(certificates),
    api: {
      signingName: 'acm',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(context, certificates),
    },
    material(certificateArn) {
      const certificate = certificates.all.get(certificateArn)
      if (certificate?.issued === undefined) return undefined
      const { key, cert } = certificate.issued
      return { key, cert, names: certificate.names }
    },
  }
}
