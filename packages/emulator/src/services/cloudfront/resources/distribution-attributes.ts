/** The attributes of `aws_cloudfront_distribution`, and how they become a distribution's configuration. */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  inert,
  modelled,
} from '../../../terraform/type/resource-type.ts'
import { blocks, firstBlock, stringList, text } from '../../../terraform/type/values.ts'
import type {
  Behavior,
  CustomError,
  CustomOrigin,
  DistributionConfig,
  Origin,
} from '../model/distribution.ts'

const one = { maxItems: 1 }
const onlyForwardedValues = 'only counts with forwarded_values; cache policies have their own'
const noSigning = 'signed URLs are not rehearsed; requests are served unsigned'

const behavior: AttributeSpecs = {
  target_origin_id: modelled(),
  viewer_protocol_policy: modelled(),
  allowed_methods: modelled({ set: true }),
  cached_methods: inert('GET and HEAD are cached, OPTIONS is not', { set: true }),
  compress: modelled({ default: false }),
  cache_policy_id: modelled(),
  origin_request_policy_id: modelled(),
  response_headers_policy_id: modelled(),
  function_association: block({ event_type: modelled(), function_arn: modelled() }),
  min_ttl: inert(onlyForwardedValues, { computed: true }),
  default_ttl: inert(onlyForwardedValues, { computed: true }),
  max_ttl: inert(onlyForwardedValues, { computed: true }),
  smooth_streaming: inert('a flag for Microsoft Smooth Streaming'),
  field_level_encryption_id: inert('fields are not encrypted'),
  realtime_log_config_arn: inert('real-time logs are not written'),
  trusted_key_groups: inert(noSigning, { computed: true }),
  trusted_signers: inert(noSigning, { computed: true }),
  grpc_config: block({ enabled: inert('gRPC is not rehearsed') }, { maxItems: 1, computed: true }),
}

export const distributionAttributes: AttributeSpecs = {
  aliases: modelled({ set: true }),
  comment: modelled(),
  enabled: modelled(),
  default_root_object: modelled(),
  http_version: inert('the front door speaks HTTP/1.1', { default: 'http2' }),
  is_ipv6_enabled: inert('the front door listens on IPv4', { default: false }),
  price_class: inert('there is one edge', { default: 'PriceClass_All' }),
  retain_on_delete: inert('destroy leaves nothing behind', { default: false }),
  wait_for_deployment: inert('a change is deployed at once', { default: true }),
  staging: inert('continuous deployment is not rehearsed', { forceNew: true, default: false }),
  web_acl_id: inert('no web ACL is evaluated'),
  anycast_ip_list_id: inert('there are no addresses of its own'),
  default_cache_behavior: block(behavior, one),
  ordered_cache_behavior: block({ ...behavior, path_pattern: modelled() }),
  origin: block(
    {
      origin_id: modelled(),
      domain_name: modelled(),
      origin_path: modelled({ default: '' }),
      origin_access_control_id: modelled(),
      connection_attempts: modelled({ default: 3 }),
      connection_timeout: modelled({ default: 10 }),
      response_completion_timeout: inert('an answer may take as long as it keeps coming', { computed: true }),
      custom_header: block({ name: modelled(), value: modelled() }, { set: true }),
      custom_origin_config: block(
        {
          http_port: modelled(),
          https_port: modelled(),
          origin_protocol_policy: modelled(),
          origin_keepalive_timeout: modelled({ default: 5 }),
          origin_read_timeout: modelled({ default: 30 }),
          origin_ssl_protocols: inert('TLS 1.2 and 1.3 are spoken', { set: true }),
          ip_address_type: inert('everything is IPv4 here'),
        },
        one,
      ),
      origin_shield: block(
        { enabled: inert('there is one edge'), origin_shield_region: inert('there is one edge') },
        one,
      ),
    },
    { set: true },
  ),
  custom_error_response: block(
    {
      error_code: modelled(),
      error_caching_min_ttl: modelled(),
      response_code: modelled(),
      response_page_path: modelled(),
    },
    { set: true },
  ),
  restrictions: block(
    {
      geo_restriction: block(
        { restriction_type: modelled(), locations: modelled({ set: true, computed: true }) },
        one,
      ),
    },
    one,
  ),
  viewer_certificate: block(
    {
      acm_certificate_arn: modelled(),
      cloudfront_default_certificate: modelled(),
      minimum_protocol_version: inert('the front door speaks TLS 1.2 and 1.3', { default: 'TLSv1' }),
      ssl_support_method: inert('every viewer names its host (SNI)'),
    },
    one,
  ),
  logging_config: block(
    {
      bucket: inert('access logs are not written'),
      include_cookies: inert('access logs are not written', { default: false }),
      prefix: inert('access logs are not written', { default: '' }),
    },
    one,
  ),
  tags: inert('tags have no effect at the edge'),
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
  }
}

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
