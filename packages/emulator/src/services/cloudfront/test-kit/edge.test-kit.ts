/** For tests of the edge: a platform in small (bucket, load balancer's stand-in, distribution) behind a front door. */
import { once } from 'node:events'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import http from 'node:http'
import https, { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { openFrontDoor } from '../../../front-door.ts'
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import { createDomain, openEdgeEmulator } from '../../../test-kit/edge-emulator.test-kit.ts'

export const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6'
const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
const allViewer = '216adef6-5c7f-47e4-b989-5492eafa07d3'
export const host = 'app.keencho.com'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

export interface SiteOptions {
  readonly speed?: number
  /** Answers below /api/*. */
  readonly api?: RequestListener
  readonly functionCode?: string
  /** How long the origin of /api/* may be silent. */
  readonly readTimeoutSeconds?: number
  readonly change?: (distribution: Attributes) => Attributes
}

export async function openSite({
  speed = 1,
  api = (_, response) => response.end('api'),
  functionCode,
  readTimeoutSeconds = 30,
  change = (same) => same,
}: SiteOptions = {}) {
  const emulator = await openEdgeEmulator({ speed })
  const { context } = emulator
  const { zoneId, certificateArn } = await createDomain(emulator, 'keencho.com')
  const bucket = await emulator.create('aws_s3_bucket', { bucket: 'sites', force_destroy: true })
  const store = await emulator.create('aws_cloudfront_key_value_store', { name: 'sites' })
  const control = await emulator.create('aws_cloudfront_origin_access_control', {
    name: 'buckets',
    origin_access_control_origin_type: 's3',
    signing_behavior: 'always',
    signing_protocol: 'sigv4',
  })
  const edgeFunction =
    functionCode === undefined
      ? undefined
      : await emulator.create('aws_cloudfront_function', {
          name: 'sites',
          runtime: 'cloudfront-js-2.0',
          code: functionCode,
          key_value_store_associations: [store.arn ?? null],
        })

  const certificate = await context.authority.issue([host, 'lb.elb.amazonaws.com'])
  // As an origin should be: patient for longer than CloudFront is.
  const originServer = createServer({ ...certificate, keepAliveTimeout: 75_000 }, api)
  originServer.listen(0, '127.0.0.1')
  await once(originServer, 'listening')
  const originPort = (originServer.address() as AddressInfo).port
  context.names.bind({
    name: 'lb.elb.amazonaws.com',
    port: 443,
    socket: { address: '127.0.0.1', port: originPort },
  })

  const config: Attributes = {
    enabled: true,
    aliases: [host],
    origin: [
      {
        origin_id: 'bucket',
        domain_name: bucket.bucket_regional_domain_name ?? null,
        origin_access_control_id: control.id ?? null,
      },
      {
        origin_id: 'api',
        domain_name: 'lb.elb.amazonaws.com',
        custom_header: [{ name: 'x-origin-verify', value: 'secret' }],
        custom_origin_config: [
          {
            http_port: 80,
            https_port: 443,
            origin_protocol_policy: 'https-only',
            origin_ssl_protocols: ['TLSv1.2'],
            origin_read_timeout: readTimeoutSeconds,
          },
        ],
      },
    ],
    default_cache_behavior: [
      {
        target_origin_id: 'bucket',
        viewer_protocol_policy: 'redirect-to-https',
        allowed_methods: ['GET', 'HEAD', 'OPTIONS'],
        cached_methods: ['GET', 'HEAD'],
        compress: true,
        cache_policy_id: cachingOptimized,
        response_headers_policy_id: '67f7725c-6f97-4210-82d7-5512b31e9d03',
        ...(edgeFunction === undefined
          ? {}
          : {
              function_association: [
                { event_type: 'viewer-request', function_arn: edgeFunction.arn ?? null },
              ],
            }),
      },
    ],
    ordered_cache_behavior: [
      {
        path_pattern: '/api/*',
        target_origin_id: 'api',
        viewer_protocol_policy: 'redirect-to-https',
        allowed_methods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
        cached_methods: ['GET', 'HEAD'],
        cache_policy_id: cachingDisabled,
        origin_request_policy_id: allViewer,
      },
    ],
    restrictions: [{ geo_restriction: [{ restriction_type: 'whitelist', locations: ['KR'] }] }],
    viewer_certificate: [{ acm_certificate_arn: certificateArn, ssl_support_method: 'sni-only' }],
  }
  const distribution = await emulator.create('aws_cloudfront_distribution', change(config))
  const admit = (Action: string, Resource: string) => ({
    Effect: 'Allow',
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Action,
    Resource,
    Condition: { StringEquals: { 'AWS:SourceArn': distribution.arn } },
  })
  const policy = await emulator.create('aws_s3_bucket_policy', {
    bucket: 'sites',
    policy: JSON.stringify({
      Statement: [
        admit('s3:GetObject', 'arn:aws:s3:::sites/*'),
        admit('s3:ListBucket', 'arn:aws:s3:::sites'),
      ],
    }),
  })
  await emulator.create('aws_route53_record', {
    zone_id: zoneId,
    name: host,
    type: 'A',
    alias: [
      {
        name: distribution.domain_name ?? null,
        zone_id: distribution.hosted_zone_id ?? null,
        evaluate_target_health: false,
      },
    ],
  })
  const door = await openFrontDoor(context, {
    resolveAlias: emulator.route53.resolveAlias,
    hosts: emulator.route53.aliasHosts,
    ports: { http: 0, https: 0 },
  })

  return {
    emulator,
    door,
    distribution,
    policy,
    store,
    edgeFunction,
    originServer,
    put: (key: string, content: string, more: Attributes = {}) =>
      emulator.create('aws_s3_object', { bucket: 'sites', key, content, ...more }),
    get: (path: string, options: RequestOptions = {}) =>
      request(door, path, context.authority.certificate, options),
    async close() {
      await door.close()
      originServer.closeAllConnections()
      originServer.close()
      await emulator.close()
    },
  }
}

export type Site = Awaited<ReturnType<typeof openSite>>

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly scheme?: 'http' | 'https'
  readonly host?: string
}

/** A request of its own connection, over TLS that is verified, to the host. */
function request(
  door: { httpUrl: string; httpsUrl: string },
  path: string,
  ca: string,
  { method = 'GET', headers = {}, body, scheme = 'https', host: name = host }: RequestOptions,
): Promise<Answer> {
  const { port } = new URL(scheme === 'https' ? door.httpsUrl : door.httpUrl)
  const options = { host: '127.0.0.1', port, path, method, agent: false, headers: { host: name, ...headers } }
  return new Promise((resolve, reject) => {
    const sent =
      scheme === 'https' ? https.request({ ...options, ca, servername: name }) : http.request(options)
    sent.on('error', reject)
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
        })
      })
    })
    sent.end(body)
  })
}
