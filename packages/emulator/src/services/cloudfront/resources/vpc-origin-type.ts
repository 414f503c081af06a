/**
 * The resource type of VPC origins: how CloudFront reaches a load balancer that has no public address. A change counts
 * for the distributions at once, where AWS takes minutes.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
 */
import type { EmulatorContext } from '../../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import { firstBlock } from '../../../terraform/type/values.ts'
import type { CloudFrontState, VpcOrigin } from '../model/state.ts'

const noWait = ignored('nothing here takes long enough to time out')

export function createVpcOriginType(
  { ids, clock, accountId }: EmulatorContext,
  model: CloudFrontState,
  loadBalancerName: (arn: string) => string | undefined = () => undefined,
): ResourceType {
  const keep = (planned: Attributes, prior: VpcOrigin | undefined, address: string): Attributes => {
    const endpoint = firstBlock(planned.vpc_origin_endpoint_config) ?? {}
    const id = prior?.id ?? `vo_${ids.hex('', 22)}`
    const now = clock.now()
    const origin: VpcOrigin = {
      id,
      arn: `arn:aws:cloudfront::${accountId}:vpcorigin/${id}`,
      name: String(endpoint.name),
      endpointArn: String(endpoint.arn),
      httpPort: Number(endpoint.http_port),
      httpsPort: Number(endpoint.https_port),
      protocolPolicy: String(endpoint.origin_protocol_policy) as VpcOrigin['protocolPolicy'],
      etag: ids.upper('E', 13),
      createdAt: prior?.createdAt ?? now,
      lastModified: now,
    }
    check(origin, model, loadBalancerName, address)
    model.vpcOrigins.put(id, origin)
    model.changed()
    return { ...planned, ...attributesOf(origin) }
  }
  return {
    type: 'aws_cloudfront_vpc_origin',
    attributes: {
      vpc_origin_endpoint_config: block(
        {
          name: implemented(),
          arn: implemented(),
          http_port: implemented(),
          https_port: implemented(),
          origin_protocol_policy: implemented(),
          origin_ssl_protocols: block(
            {
              items: ignored('TLS 1.2 and 1.3 are spoken', { set: true }),
              quantity: ignored('TLS 1.2 and 1.3 are spoken'),
            },
            { maxItems: 1 },
          ),
        },
        { maxItems: 1 },
      ),
      tags: ignored('tags have no effect at the edge'),
      tags_all: computed(),
      timeouts: block({ create: noWait, update: noWait, delete: noWait }, { maxItems: 1 }),
      id: computed(),
      arn: computed(),
      etag: computed(),
    },
    create: (planned, { address }) => keep(planned, undefined, address),
    read(prior) {
      const found = model.vpcOrigins.get(String(prior.id))
      return found && { ...prior, ...attributesOf(found) }
    },
    update: (planned, prior, { address }) =>
      keep({ ...prior, ...planned }, model.vpcOrigins.get(String(prior.id)), address),
    delete(prior) {
      const id = String(prior.id)
      const user = model.distributions
        .values()
        .find(({ config }) => config.origins.some(({ vpc }) => vpc?.vpcOriginId === id))
      if (user !== undefined)
        throw new Error(
          `CannotDeleteEntityWhileInUse: VPC origin ${id} is an origin of distribution ${user.id}`,
        )
      model.vpcOrigins.delete(id)
    },
  }
}

const attributesOf = ({ id, arn, etag }: VpcOrigin): Attributes => ({ id, arn, etag })

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateVpcOrigin.html */
function check(
  origin: VpcOrigin,
  model: CloudFrontState,
  loadBalancerName: (arn: string) => string | undefined,
  address: string,
): void {
  const problems: string[] = []
  if (!['http-only', 'https-only', 'match-viewer'].includes(origin.protocolPolicy))
    problems.push(`InvalidArgument: there is no origin protocol policy ${origin.protocolPolicy}`)
  if (loadBalancerName(origin.endpointArn) === undefined)
    problems.push(
      `InvalidArgument: ${origin.endpointArn} is no load balancer; VPC origins at instances and network load balancers are not rehearsed`,
    )
  const taken = model.vpcOrigins.values().find(({ id, name }) => id !== origin.id && name === origin.name)
  if (taken !== undefined) problems.push(`EntityAlreadyExists: ${taken.id} has the name ${origin.name}`)
  if (problems.length > 0) throw new Error(`${address}: ${problems.join('; ')}`)
}
