/**
 * Which distributions serve, and with what: binds each enabled one's domain name to its edge, and creates the edge
 * again when the distribution, a policy or a function changes.
 */
import { nameCovers } from '../../../http/host.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { Acm } from '../../acm/contract.ts'
import type { S3 } from '../../s3/contract.ts'
import type { AccessLog } from '../access-log/access-log.ts'
import type { Cache } from '../edge/cache/cache.ts'
import { createFetcher } from '../edge/cache/fetch.ts'
import { createEdge } from '../edge/edge.ts'
import { createFunctions } from '../edge/function/functions.ts'
import { createKeyValueCopies } from '../edge/function/key-value-copy.ts'
import { createFunction, type EdgeFunction } from '../edge/function/runtime.ts'
import { createCustomOrigins } from '../edge/origin/custom-origin.ts'
import { createOrigins } from '../edge/origin/origins.ts'
import { compileRoutes } from '../edge/viewer/route.ts'
import type { KeyValueStores } from '../key-value/key-value-stores.ts'
import type { Distribution, Origin, VpcOriginUse } from '../model/distribution.ts'
import type { CloudFrontState } from '../model/state.ts'

export interface DeploymentDependencies {
  readonly model: CloudFrontState
  readonly stores: KeyValueStores
  readonly cache: Cache
  readonly s3: S3
  readonly acm: Acm
  /** DNS name of a load balancer, by its ARN. */
  readonly loadBalancerName?: (arn: string) => string | undefined
  /** Keeps a record of requests, for the deliveries of a distribution's access log. */
  readonly accessLog?: AccessLog
  readonly log?: (functionName: string, message: string) => void
}

export interface Deployments {
  deploy(distribution: Distribution): void
  withdraw(distribution: Distribution): void
  start(): Promise<void>
  stop(): Promise<void>
}

const ports = [80, 443]

export function createDeployments(
  context: EmulatorContext,
  dependencies: DeploymentDependencies,
): Deployments {
  const { names, clock, authority, events } = context
  const {
    model,
    stores,
    cache,
    s3,
    acm,
    loadBalancerName = () => undefined,
    accessLog,
    log = () => {},
  } = dependencies
  const customOrigins = createCustomOrigins(names, authority)
  const copies = createKeyValueCopies(stores, clock)
  const signs = ({ originAccessControlId: id }: Origin) =>
    id !== undefined && model.accessControls.get(id)?.signingBehavior !== 'never'
  const vpcOrigin = ({ vpcOriginId, keepaliveSeconds, readTimeoutSeconds }: VpcOriginUse) => {
    const found = model.vpcOrigins.get(vpcOriginId)
    const domainName = found && loadBalancerName(found.endpointArn)
    if (found === undefined || domainName === undefined) return undefined
    const { httpPort, httpsPort, protocolPolicy } = found
    return {
      domainName,
      custom: { httpPort, httpsPort, protocolPolicy, keepaliveSeconds, readTimeoutSeconds },
    }
  }
  const fetcher = createFetcher(cache, createOrigins({ s3, customOrigins, signs, vpcOrigin }), clock)
  const functions = new Map<string, EdgeFunction>()
  /** CloudFront's own certificate, for names below cloudfront.net. */
  let ownCertificate: { key: string; cert: string } | undefined

  model.onChange(() => {
    functions.clear()
    for (const distribution of model.distributions.values()) deploy(distribution)
  })

  function functionOf(arn: string): EdgeFunction | undefined {
    const known = functions.get(arn)
    if (known !== undefined) return known
    const record = model.functions.values().find((one) => one.arn === arn)
    if (record?.live === undefined) return undefined
    const [associated] = record.keyValueStoreArns
    const created = createFunction({
      code: record.live.code,
      keyValues: (id) =>
        associated === undefined || (id !== undefined && !associated.endsWith(`/${id}`))
          ? undefined
          : copies.get(associated),
      log: (message) => log(record.name, message),
    })
    functions.set(arn, created)
    return created
  }

  const edgeFunctions = createFunctions({
    functionOf,
    failed({ id: distributionId }, functionArn, error) {
      const reason = error instanceof Error ? error.message : String(error)
      events.emit('baton.cloudfront', 'CloudFront Function Error', { distributionId, functionArn, reason })
    },
  })

  function deploy(distribution: Distribution): void {
    const { config, domainName } = distribution
    if (!config.enabled) {
      unbind(distribution)
      return
    }
    const serves = (host: string) =>
      host === domainName || config.aliases.some((alias) => nameCovers(alias, host))
    const http = createEdge({
      distribution,
      routes: compileRoutes(distribution, model),
      fetcher,
      functions: edgeFunctions,
      ...(accessLog === undefined
        ? {}
        : {
            recorder: (request, incoming, response) =>
              accessLog.record(distribution, request, incoming, response),
          }),
      serves,
      failed: (error) => console.error(`the edge of ${distribution.id} failed:`, error),
      certificate(serverName) {
        if (serverName.endsWith('.cloudfront.net')) return ownCertificate
        return config.certificateArn === undefined ? ownCertificate : acm.material(config.certificateArn)
      },
    })
    for (const port of ports) names.bind({ name: domainName, port, http })
  }

  function unbind({ domainName }: Distribution): void {
    for (const port of ports) names.unbind(domainName, port)
  }

  return {
    deploy,
    withdraw(distribution) {
      unbind(distribution)
      cache.clear(distribution.id)
    },
    async start() {
      ownCertificate = await authority.issue(['*.cloudfront.net'])
      for (const distribution of model.distributions.values()) deploy(distribution)
    },
    async stop() {
      for (const distribution of model.distributions.values()) unbind(distribution)
      copies.close()
      await customOrigins.close()
    },
  }
}
