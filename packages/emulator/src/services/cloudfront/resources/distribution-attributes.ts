/** The attributes of `aws_cloudfront_distribution`, and how they become a distribution's configuration. */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
} from '../../../terraform/type/resource-type.ts'
import { blocks, firstBlock, stringList, text } from '../../../terraform/type/values.ts'
import type {
  Behavior,
  CustomError,
  CustomOrigin,
  DistributionConfig,
  Origin,
  VpcOriginUse,
} from '../model/distribution.ts'

const one = { maxItems: 1 }
const onlyForwardedValues = 'only counts with forwarded_values; cache policies have their own'
const noSigning = 'signed URLs are not rehearsed; requests are served unsigned'

const behavior: AttributeSpecs = {
  target_origin_id: implemented(),
  viewer_protocol_policy: implemented(),
  allowed_methods: implemented({ set: true }),
  cached_methods: ignored('GET and HEAD are cached, OPTIONS is not', { set: true }),
  compress: implemented({ default: false }),
  cache_policy_id: implemented(),
  origin_request_policy_id: implemented(),
  response_headers_policy_id: implemented(),
  function_association: block({ event_type: implemented(), function_arn: implemented() }),
  min_ttl: ignored(onlyForwardedValues, { computed: true }),
  default_ttl: ignored(onlyForwardedValues, { computed: true }),
  max_ttl: ignored(onlyForwardedValues, { computed: true }),
  smooth_streaming: ignored('a flag for Microsoft Smooth Streaming'),
  field_level_encryption_id: ignored('fields are not encrypted'),
  realtime_log_config_arn: ignored('real-time logs are not written'),
  trusted_key_groups: ignored(noSigning, { computed: true }),
  trusted_signers: ignored(noSigning, { computed: true }),
  grpc_config: block({ enabled: ignored('gRPC is not rehearsed') }, { maxItems: 1, computed: true }),
}

export const distributionAttributes: AttributeSpecs = {
  aliases: implemented({ set: true }),
  comment: implemented(),
  enabled: implemented(),
  default_root_object: implemented(),
  http_version: ignored('the front door speaks HTTP/1.1', { default: 'http2' }),
  is_ipv6_enabled: ignored('the front door listens on IPv4', { default: false }),
  price_class: ignored('there is one edge', { default: 'PriceClass_All' }),
  retain_on_delete: ignored('destroy leaves nothing behind', { default: false }),
  wait_for_deployment: ignored('a change is deployed at once', { default: true }),
  staging: ignored('continuous deployment is not rehearsed', { forceNew: true, default: false }),
  web_acl_id: ignored('no web ACL is evaluated'),
  anycast_ip_list_id: ignored('there are no addresses of its own'),
  default_cache_behavior: block(behavior, one),
  ordered_cache_behavior: block({ ...behavior, path_pattern: implemented() }),
  origin: block(
    {
      origin_id: implemented(),
      domain_name: implemented(),
      origin_path: implemented({ default: '' }),
      origin_access_control_id: implemented(),
      connection_attempts: implemented({ default: 3 }),
      connection_timeout: implemented({ default: 10 }),
      response_completion_timeout: ignored('an answer may take as long as it keeps coming', {
        computed: true,
      }),
      custom_header: block({ name: implemented(), value: implemented() }, { set: true }),
      custom_origin_config: block(
        {
          http_port: implemented(),
          https_port: implemented(),
          origin_protocol_policy: implemented(),
          origin_keepalive_timeout: implemented({ default: 5 }),
          origin_read_timeout: implemented({ default: 30 }),
          origin_ssl_protocols: ignored('TLS 1.2 and 1.3 are spoken', { set: true }),
          ip_address_type: ignored('everything is IPv4 here'),
        },
        one,
      ),
      vpc_origin_config: block(
        {
          vpc_origin_id: implemented(),
          origin_keepalive_timeout: implemented({ default: 5 }),
          origin_read_timeout: implemented({ default: 30 }),
          owner_account_id: ignored('there is one account', { computed: true }),
        },
        one,
      ),
      origin_shield: block(
        { enabled: ignored('there is one edge'), origin_shield_region: ignored('there is one edge') },
        one,
      ),
    },
    { set: true },
  ),
  custom_error_response: block(
    {
      error_code: implemented(),
      error_caching_min_ttl: implemented(),
      response_code: implemented(),
      response_page_path: implemented(),
    },
    { set: true },
  ),
  restrictions: block(
    {
      geo_restriction: block(
        { restriction_type: implemented(), locations: implemented({ set: true, computed: true }) },
        one,
      ),
    },
    one,
  ),
  viewer_certificate: block(
    {
      acm_certificate_arn: implemented(),
      cloudfront_default_certificate: implemented(),
      minimum_protocol_version: ignored('the front door speaks TLS 1.2 and 1.3', { default: 'TLSv1' }),
      ssl_support_method: ignored('every viewer names its host (SNI)'),
    },
    one,
  ),
  logging_config: block(
    {
      bucket: ignored('access logs are not written'),
      include_cookies: ignored('access logs are not written', { default: false }),
      prefix: ignored('access logs are not written', { default: '' }),
    },
    one,
  ),
  tags: ignored('tags have no effect at the edge'),
  tags_all: computed(),
  id: computed(),
  arn: computed(),
  caller_reference: computed(),
  domain_name: computed(),
  etag: computed(),
  hosted_zone_id: computed(),
  in_progress_validation_batches: computed(),
  last_modified_time: computed(),
  logging_v1_enabled: computed(),
  status: computed(),
  trusted_key_groups: computed(),
  trusted_signers: computed(),
}

export function readConfig(attributes: Attributes): DistributionConfig {
  const geo = firstBlock(firstBlock(attributes.restrictions)?.geo_restriction)
  const certificate = firstBlock(attributes.viewer_certificate)
  const certificateArn = text(certificate?.acm_certificate_arn)
  return {
    aliases: stringList(attributes.aliases).map((alias) => alias.toLowerCase()),
    comment: text(attributes.comment) ?? '',
    enabled: attributes.enabled === true,
    defaultRootObject: text(attributes.default_root_object) ?? '',
    httpVersion: text(attributes.http_version) ?? 'http2',
    priceClass: text(attributes.price_class) ?? 'PriceClass_All',
    ipv6: attributes.is_ipv6_enabled === true,
    origins: blocks(attributes.origin).map(readOrigin),
    defaultBehavior: readBehavior(firstBlock(attributes.default_cache_behavior) ?? {}),
    orderedBehaviors: blocks(attributes.ordered_cache_behavior).map((one) => ({
      ...readBehavior(one),
      pathPattern: String(one.path_pattern),
    })),
    customErrors: blocks(attributes.custom_error_response).map(readCustomError),
    geo: {
      type: (text(geo?.restriction_type) ?? 'none') as DistributionConfig['geo']['type'],
      countries: stringList(geo?.locations),
    },
    ...(certificateArn === undefined ? {} : { certificateArn }),
    minimumProtocolVersion: text(certificate?.minimum_protocol_version) ?? 'TLSv1',
  }
}

function readBehavior(attributes: Attributes): Behavior {
  const cachePolicyId = text(attributes.cache_policy_id)
  if (cachePolicyId === undefined) {
    throw new Error('a cache behaviour needs a cache_policy_id; forwarded_values is legacy and not rehearsed')
  }
  const functions = blocks(attributes.function_association)
  const functionArn = (eventType: string) =>
    text(functions.find(({ event_type }) => event_type === eventType)?.function_arn)
  const optional = {
    originRequestPolicyId: text(attributes.origin_request_policy_id),
    responseHeadersPolicyId: text(attributes.response_headers_policy_id),
    viewerRequestFunctionArn: functionArn('viewer-request'),
    viewerResponseFunctionArn: functionArn('viewer-response'),
  }
  return {
    targetOriginId: String(attributes.target_origin_id),
    viewerProtocolPolicy: String(attributes.viewer_protocol_policy) as Behavior['viewerProtocolPolicy'],
    allowedMethods: stringList(attributes.allowed_methods),
    cachedMethods: stringList(attributes.cached_methods),
    compress: attributes.compress === true,
    cachePolicyId,
    ...defined(optional),
  }
}

function readOrigin(attributes: Attributes): Origin {
  const custom = firstBlock(attributes.custom_origin_config)
  const vpc = firstBlock(attributes.vpc_origin_config)
  return {
    id: String(attributes.origin_id),
    domainName: String(attributes.domain_name),
    path: text(attributes.origin_path) ?? '',
    customHeaders: blocks(attributes.custom_header).map(({ name, value }) => ({
      name: String(name),
      value: String(value),
    })),
    connectionAttempts: Number(attributes.connection_attempts ?? 3),
    connectionTimeoutSeconds: Number(attributes.connection_timeout ?? 10),
    ...defined({ originAccessControlId: text(attributes.origin_access_control_id) }),
    ...(custom === undefined ? {} : { custom: readCustomOrigin(custom) }),
    ...(vpc === undefined ? {} : { vpc: readVpcOrigin(vpc) }),
  }
}

const readVpcOrigin = (attributes: Attributes): VpcOriginUse => ({
  vpcOriginId: String(attributes.vpc_origin_id),
  keepaliveSeconds: Number(attributes.origin_keepalive_timeout ?? 5),
  readTimeoutSeconds: Number(attributes.origin_read_timeout ?? 30),
})

function readCustomOrigin(attributes: Attributes): CustomOrigin {
  return {
    httpPort: Number(attributes.http_port ?? 80),
    httpsPort: Number(attributes.https_port ?? 443),
    protocolPolicy: String(attributes.origin_protocol_policy) as CustomOrigin['protocolPolicy'],
    keepaliveSeconds: Number(attributes.origin_keepalive_timeout ?? 5),
    readTimeoutSeconds: Number(attributes.origin_read_timeout ?? 30),
  }
}

function readCustomError(attributes: Attributes): CustomError {
  const number = (name: string) => (attributes[name] == null ? undefined : Number(attributes[name]))
  return {
    errorCode: Number(attributes.error_code),
    ...defined({
      cachingMinTtlSeconds: number('error_caching_min_ttl'),
      responseCode: number('response_code') || undefined,
      responsePagePath: text(attributes.response_page_path),
    }),
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
