import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudfront'
import { serveForTest } from '../../../../protocol/test-kit/protocol.test-kit.ts'
import type { Attributes } from '../../../../terraform/type/resource-type.ts'
import { openSite, type Site } from '../../test-kit/edge.test-kit.ts'

const balancer = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:loadbalancer/lb'
const endpoint = {
  name: 'main',
  arn: balancer,
  http_port: 80,
  https_port: 443,
  origin_protocol_policy: 'https-only',
}
let site: Site
let origin: Attributes
let distribution: Attributes

const withApi = (change: Attributes): Attributes => ({
  origin: (distribution.origin as Attributes[]).map((one) =>
    one.origin_id === 'api' ? { ...one, custom_origin_config: null, ...change } : one,
  ),
})
const throughVpc = (id: unknown): Attributes =>
  withApi({ vpc_origin_config: [{ vpc_origin_id: String(id) }] })

before(async () => {
  site = await openSite({ api: (_, response) => response.end('from inside of the network') })
  origin = await site.emulator.create('aws_cloudfront_vpc_origin', { vpc_origin_endpoint_config: [endpoint] })
  distribution = site.distribution
})
after(() => site.close())

async function use(change: Attributes): Promise<void> {
  distribution = await site.emulator.update('aws_cloudfront_distribution', distribution, change)
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
test('a distribution reaches an internal load balancer by a VPC origin', async () => {
  await use(throughVpc(origin.id))
  const answer = await site.get('/api/items')
  assert.equal(answer.status, 200)
  assert.equal(answer.text, 'from inside of the network')
})

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-504-gateway-timeout.html
test('a distribution without a VPC origin cannot reach an internal load balancer: 504', async () => {
  const address = { address: '127.0.0.1', port: (site.originServer.address() as { port: number }).port }
  site.emulator.context.names.bind({ name: 'internal-lb.elb.amazonaws.com', port: 443, socket: address })
  const custom = [{ http_port: 80, https_port: 443, origin_protocol_policy: 'https-only' }]
  await use(
    withApi({
      domain_name: 'internal-lb.elb.amazonaws.com',
      custom_origin_config: custom,
      vpc_origin_config: null,
    }),
  )
  const answer = await site.get('/api/items')
  assert.equal(answer.status, 504)
  assert.match(answer.text, /vpc_origin_config/)
  // With one it does, although the name is the same.
  await use(throughVpc(origin.id))
  assert.equal((await site.get('/api/items')).status, 200)
})

test('a VPC origin follows its load balancer and its port', async () => {
  await use(throughVpc(origin.id))
  const change = (config: object) =>
    site.emulator.update('aws_cloudfront_vpc_origin', origin, {
      vpc_origin_endpoint_config: [{ ...endpoint, ...config }],
    })
  await change({ https_port: 8443 })
  assert.equal((await site.get('/api/items')).status, 502)
  await change({})
  assert.equal((await site.get('/api/items')).status, 200)
})

test('what CloudFront refuses is refused: another kind of endpoint, an unknown VPC origin, one that is in use', async () => {
  const { emulator } = site
  await assert.rejects(
    emulator.create('aws_cloudfront_vpc_origin', {
      vpc_origin_endpoint_config: [
        { ...endpoint, name: 'other', arn: 'arn:aws:ec2:ap-northeast-2:0:instance/i-1' },
      ],
    }),
    /is no load balancer/,
  )
  await assert.rejects(use(throughVpc('vo_unknown')), /EntityNotFound.*vo_unknown/)
  await use(throughVpc(origin.id))
  await assert.rejects(emulator.delete('aws_cloudfront_vpc_origin', origin), /CannotDeleteEntityWhileInUse/)
  const free = await emulator.create('aws_cloudfront_vpc_origin', {
    vpc_origin_endpoint_config: [{ ...endpoint, name: 'free' }],
  })
  await emulator.delete('aws_cloudfront_vpc_origin', free)
})

test('clients of AWS read VPC origins, and the distributions that use them', async () => {
  await use(throughVpc(origin.id))
  await using wire = await serveForTest([site.emulator.cloudFront.api ?? assert.fail()])
  const client = new sdk.CloudFrontClient(wire.client)
  const { VpcOrigin, ETag } = await client.send(new sdk.GetVpcOriginCommand({ Id: String(origin.id) }))
  assert.equal(VpcOrigin?.VpcOriginEndpointConfig?.Arn, balancer)
  assert.equal(VpcOrigin?.Status, 'Deployed')
  assert.ok(ETag)
  const { VpcOriginList } = await client.send(new sdk.ListVpcOriginsCommand({}))
  assert.deepEqual(
    VpcOriginList?.Items?.map(({ Name }) => Name),
    ['main'],
  )
  const { Distribution } = await client.send(new sdk.GetDistributionCommand({ Id: String(distribution.id) }))
  const api = Distribution?.DistributionConfig?.Origins?.Items?.find(({ Id }) => Id === 'api')
  assert.equal(api?.VpcOriginConfig?.VpcOriginId, origin.id)
  assert.equal(api?.CustomOriginConfig, undefined)
  await assert.rejects(client.send(new sdk.GetVpcOriginCommand({ Id: 'vo_none' })), {
    name: 'EntityNotFound',
  })
})
