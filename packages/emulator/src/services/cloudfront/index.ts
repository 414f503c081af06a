/**
 * CloudFront: distributions that serve real traffic at the front door, with cache, functions, key value stores and
 * policies; origins are buckets, read in this process, and load balancers, over TLS.
 *
 * Gaps: one edge instead of hundreds; HTTP/1.1 to viewers; no WebSockets, Lambda@Edge, origin groups, signed URLs,
 * field-level encryption, legacy `forwarded_values`, legacy and real-time logs or gRPC; answers without a Content-Length or above
 * 10 MB pass through uncached; OPTIONS is not cached; what the cache must not keep is compressed only if it comes
 * from a bucket; countries (`edge/viewer/admission.ts`).
 * Access logs reach buckets only (`access-log/`); what was not delivered at a `kill -9` is lost, and AWS promises no more.
 * By design: changes of a distribution are served at once, AWS takes minutes; key value stores reach the edge after
 * three seconds of AWS's time; the cache is lost at a restart.
 */
import * as sdk from '@aws-sdk/client-cloudfront'
import * as keyValueSdk from '@aws-sdk/client-cloudfront-keyvaluestore'
import type { EmulatorContext } from '../../service.ts'
import type { Acm } from '../acm/contract.ts'
import type { CloudWatchLogs } from '../logs/contract.ts'
import type { S3 } from '../s3/contract.ts'
import { createAccessLog } from './access-log/access-log.ts'
import type { CloudFront } from './contract.ts'
import { createDeployments } from './distribution/deployments.ts'
import { createCache } from './edge/cache/cache.ts'
import { createKeyValueStores } from './key-value/key-value-stores.ts'
import { createKeyValueStoreOperations } from './key-value/operations.ts'
import { createState } from './model/state.ts'
import { createOperations } from './operations.ts'
import { createDistributionDataSource, createDistributionType } from './resources/distribution-type.ts'
import { createFunctionType, createKeyType, createKeyValueStoreType } from './resources/function-types.ts'
import {
  createAccessControlType,
  createPolicyDataSources,
  createPolicyTypes,
} from './resources/policy-types.ts'
import { createResponseHeadersPolicyType } from './resources/response-headers-type.ts'
import { createVpcOriginType } from './resources/vpc-origin-type.ts'

/** How often files of access logs are written: "up to several times an hour" (standard-logs-reference). */
const deliverEveryMs = 5 * 60_000

export interface CloudFrontDependencies {
  readonly s3: S3
  readonly acm: Acm
  /** For the deliveries of access logs. */
  readonly logs?: Pick<CloudWatchLogs, 'deliveriesOf'>
  /** DNS name of a load balancer, by its ARN, for VPC origins. */
  readonly loadBalancerName?: (arn: string) => string | undefined
  /** Takes what functions print; CloudFront keeps it in `/aws/cloudfront/function/<name>` of us-east-1. */
  readonly log?: (functionName: string, message: string) => void
}

export function createCloudFront(context: EmulatorContext, dependencies: CloudFrontDependencies): CloudFront {
  const model = createState(context.store)
  const stores = createKeyValueStores(context.accountId, context.store, context.ids, () =>
    context.clock.now(),
  )
  const cache = createCache()
  const accessLog = createAccessLog({
    clock: context.clock,
    accountId: context.accountId,
    newId: () => context.ids.hex('', 8),
    deliveriesOf: ({ arn }) => dependencies.logs?.deliveriesOf(arn, 'ACCESS_LOGS') ?? [],
    write: dependencies.s3.write,
  })
  let endDelivering = () => {}
  const deployments = createDeployments(context, { ...dependencies, model, stores, cache, accessLog })
  const { acm } = dependencies
  const { deploy, withdraw } = deployments
  return {
    name: 'cloudfront',
    resourceTypes: [
      createDistributionType({ context, model, acm, deploy, withdraw }),
      createFunctionType(context, model),
      createKeyValueStoreType(model, stores),
      createKeyType(stores),
      createAccessControlType(context, model),
      ...createPolicyTypes(context, model),
      createResponseHeadersPolicyType(context, model),
      createVpcOriginType(context, model, dependencies.loadBalancerName),
    ],
    dataSourceTypes: [createDistributionDataSource(model), ...createPolicyDataSources(context, model)],
    api: {
      signingName: 'cloudfront',
      protocol: 'rest-xml',
      sdk,
      operations: createOperations(context, model, stores, cache),
    },
    async start() {
      await deployments.start()
      endDelivering = context.clock.everyAws(deliverEveryMs, accessLog.deliver)
    },
    async stop() {
      endDelivering()
      await deployments.stop()
      await accessLog.deliver()
    },
    keyValueStores: {
      name: 'cloudfront-keyvaluestore',
      api: {
        signingName: 'cloudfront-keyvaluestore',
        protocol: 'rest-json',
        sdk: keyValueSdk,
        operations: createKeyValueStoreOperations(stores),
      },
    },
  }
}
