/** The resource type of response headers policies. */
import type { EmulatorContext } from '../../../service.ts'
import {
  type Attributes,
  block,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import { blocks, firstBlock, stringList, text } from '../../../terraform/type/values.ts'
import type { Cors, ResponseHeader, ResponseHeadersPolicy } from '../model/policies.ts'
import type { CloudFrontState } from '../model/state.ts'
import { policyType } from './policy-types.ts'

const one = { maxItems: 1 }
const items = () => block({ items: implemented({ set: true }) }, one)

export function createResponseHeadersPolicyType(
  context: EmulatorContext,
  model: CloudFrontState,
): ResourceType {
  return policyType<ResponseHeadersPolicy>({
    type: 'aws_cloudfront_response_headers_policy',
    arnPart: 'response-headers-policy',
    context,
    model,
    collection: model.responseHeadersPolicies,
    attributes: {
      cors_config: block(
        {
          access_control_allow_credentials: implemented(),
          access_control_max_age_sec: implemented(),
          origin_override: implemented(),
          access_control_allow_headers: items(),
          access_control_allow_methods: items(),
          access_control_allow_origins: items(),
          access_control_expose_headers: items(),
        },
        one,
      ),
      custom_headers_config: block(
        { items: block({ header: implemented(), override: implemented(), value: implemented() }) },
        one,
      ),
      remove_headers_config: block({ items: block({ header: implemented() }) }, one),
      security_headers_config: block(
        {
          content_security_policy: block(
            { content_security_policy: implemented(), override: implemented() },
            one,
          ),
          content_type_options: block({ override: implemented() }, one),
          frame_options: block({ frame_option: implemented(), override: implemented() }, one),
          referrer_policy: block({ referrer_policy: implemented(), override: implemented() }, one),
          strict_transport_security: block(
            {
              access_control_max_age_sec: implemented(),
              include_subdomains: implemented(),
              preload: implemented(),
              override: implemented(),
            },
            one,
          ),
          xss_protection: block(
            {
              mode_block: implemented(),
              protection: implemented(),
              report_uri: implemented(),
              override: implemented(),
            },
            one,
          ),
        },
        one,
      ),
      server_timing_headers_config: block(
        {
          enabled: ignored('no Server-Timing header is made'),
          sampling_rate: ignored('no Server-Timing header is made'),
        },
        one,
      ),
    },
    read(attributes, id) {
      const cors = readCors(firstBlock(attributes.cors_config))
      const remove = blocks(firstBlock(attributes.remove_headers_config)?.items)
      return {
        id,
        name: String(attributes.name),
        comment: text(attributes.comment) ?? '',
        headers: [...readSecurity(firstBlock(attributes.security_headers_config)), ...readCustom(attributes)],
        remove: remove.map(({ header }) => String(header).toLowerCase()),
        ...(cors === undefined ? {} : { cors }),
      }
    },
  })
}

function readCustom(attributes: Attributes): ResponseHeader[] {
  return blocks(firstBlock(attributes.custom_headers_config)?.items).map(({ header, value, override }) => ({
    name: String(header).toLowerCase(),
    value: String(value ?? ''),
    override: override === true,
  }))
}

function readSecurity(config: Attributes | undefined): ResponseHeader[] {
  const headers: ResponseHeader[] = []
  const add = (key: string, name: string, value: (part: Attributes) => string) => {
    const part = firstBlock(config?.[key])
    if (part !== undefined) headers.push({ name, value: value(part), override: part.override === true })
  }
  add('content_security_policy', 'content-security-policy', (part) => String(part.content_security_policy))
  add('content_type_options', 'x-content-type-options', () => 'nosniff')
  add('frame_options', 'x-frame-options', (part) => String(part.frame_option))
  add('referrer_policy', 'referrer-policy', (part) => String(part.referrer_policy))
  add('strict_transport_security', 'strict-transport-security', (part) =>
    [
      `max-age=${part.access_control_max_age_sec}`,
      ...(part.include_subdomains === true ? ['includeSubDomains'] : []),
      ...(part.preload === true ? ['preload'] : []),
    ].join('; '),
  )
  add('xss_protection', 'x-xss-protection', (part) =>
    [
      part.protection === true ? '1' : '0',
      ...(part.mode_block === true ? ['mode=block'] : []),
      ...(text(part.report_uri) === undefined ? [] : [`report=${part.report_uri}`]),
    ].join('; '),
  )
  return headers
}

function readCors(config: Attributes | undefined): Cors | undefined {
  if (config === undefined) return undefined
  const list = (name: string) => stringList(firstBlock(config[name])?.items)
  const maxAge = config.access_control_max_age_sec
  return {
    allowOrigins: list('access_control_allow_origins'),
    allowMethods: list('access_control_allow_methods'),
    allowHeaders: list('access_control_allow_headers'),
    exposeHeaders: list('access_control_expose_headers'),
    allowCredentials: config.access_control_allow_credentials === true,
    override: config.origin_override === true,
    ...(maxAge == null ? {} : { maxAgeSeconds: Number(maxAge) }),
  }
}
