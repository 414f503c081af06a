/** Resource types and data sources of the policies of cache behaviours, and origin access control. */
import type { EmulatorContext } from '../../../service.ts'
import {
  type AttributeSpec,
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import { firstBlock, text } from '../../../terraform/type/values.ts'
import type { CachePolicy, OriginRequestPolicy } from '../model/policies.ts'
import type { CloudFrontState } from '../model/state.ts'
import { selection } from './attributes.ts'

const one = { maxItems: 1 }
const items = () => block({ items: implemented({ set: true }) }, one)
const selectionBlock = (noun: string): AttributeSpec =>
  block({ [`${noun}_behavior`]: implemented(), [`${noun}s`]: items() }, one)
const selections: AttributeSpecs = {
  cookies_config: selectionBlock('cookie'),
  headers_config: selectionBlock('header'),
  query_strings_config: selectionBlock('query_string'),
}
const named = { name: implemented(), comment: implemented() }
const identity = { id: computed(), etag: computed(), arn: computed() }

/** A resource type that keeps one policy and tells the distributions of each change. */
export function policyType<T extends { readonly id: string }>(spec: {
  type: string
  arnPart: string
  attributes: AttributeSpecs
  context: EmulatorContext
  model: CloudFrontState
  collection: {
    get(id: string): T | undefined
    put(id: string, policy: T): void
    delete(id: string): boolean
  }
  read(attributes: Attributes, id: string): T
}): ResourceType {
  const { context, model, collection, read } = spec
  const keep = (attributes: Attributes, id: string): Attributes => {
    collection.put(id, read(attributes, id))
    model.changed()
    return {
      ...attributes,
      id,
      etag: context.ids.upper('E', 13),
      arn: `arn:aws:cloudfront::${context.accountId}:${spec.arnPart}/${id}`,
    }
  }
  return {
    type: spec.type,
    attributes: { ...named, ...spec.attributes, ...identity },
    create: (planned) => keep(planned, context.ids.uuid()),
    read: (prior) => (collection.get(String(prior.id)) === undefined ? undefined : prior),
    update: (planned, prior) => keep({ ...prior, ...planned }, String(prior.id)),
    delete(prior) {
      collection.delete(String(prior.id))
    },
  }
}

export function createPolicyTypes(context: EmulatorContext, model: CloudFrontState): ResourceType[] {
  const cache = policyType<CachePolicy>({
    type: 'aws_cloudfront_cache_policy',
    arnPart: 'cache-policy',
    context,
    model,
    collection: model.cachePolicies,
    attributes: {
      min_ttl: implemented({ default: 0 }),
      default_ttl: implemented({ default: 86_400 }),
      max_ttl: implemented({ default: 31_536_000 }),
      parameters_in_cache_key_and_forwarded_to_origin: block(
        {
          enable_accept_encoding_brotli: implemented(),
          enable_accept_encoding_gzip: implemented(),
          ...selections,
        },
        one,
      ),
    },
    read(attributes, id) {
      const key = firstBlock(attributes.parameters_in_cache_key_and_forwarded_to_origin)
      return {
        id,
        name: String(attributes.name),
        comment: text(attributes.comment) ?? '',
        minTtl: Number(attributes.min_ttl ?? 0),
        defaultTtl: Number(attributes.default_ttl ?? 86_400),
        maxTtl: Number(attributes.max_ttl ?? 31_536_000),
        gzip: key?.enable_accept_encoding_gzip === true,
        brotli: key?.enable_accept_encoding_brotli === true,
        headers: selection(key?.headers_config, 'header'),
        cookies: selection(key?.cookies_config, 'cookie'),
        queryStrings: selection(key?.query_strings_config, 'query_string'),
      }
    },
  })
  const originRequest = policyType<OriginRequestPolicy>({
    type: 'aws_cloudfront_origin_request_policy',
    arnPart: 'origin-request-policy',
    context,
    model,
    collection: model.originRequestPolicies,
    attributes: selections,
    read: (attributes, id) => ({
      id,
      name: String(attributes.name),
      comment: text(attributes.comment) ?? '',
      headers: selection(attributes.headers_config, 'header'),
      cookies: selection(attributes.cookies_config, 'cookie'),
      queryStrings: selection(attributes.query_strings_config, 'query_string'),
    }),
  })
  return [cache, originRequest]
}

/** Policies by name or id: `Managed-CachingOptimized` among them. */
export function createPolicyDataSources(context: EmulatorContext, model: CloudFrontState): DataSourceType[] {
  const kinds = [
    { type: 'aws_cloudfront_cache_policy', arnPart: 'cache-policy', all: model.allCachePolicies },
    {
      type: 'aws_cloudfront_origin_request_policy',
      arnPart: 'origin-request-policy',
      all: model.allOriginRequestPolicies,
    },
    {
      type: 'aws_cloudfront_response_headers_policy',
      arnPart: 'response-headers-policy',
      all: model.allResponseHeadersPolicies,
    },
  ]
  return kinds.map(({ type, arnPart, all }) => ({
    type,
    attributes: {
      id: implemented({ computed: true }),
      name: implemented({ computed: true }),
      comment: computed(),
      etag: computed(),
      arn: computed(),
    },
    read(config) {
      const wanted = text(config.id) ?? text(config.name)
      const found = all().find(({ id, name }) =>
        text(config.id) === undefined ? name === wanted : id === wanted,
      )
      if (found === undefined)
        throw new Error(`there is no ${arnPart} ${wanted}; managed ones are named Managed-…`)
      const arn = `arn:aws:cloudfront::${context.accountId}:${arnPart}/${found.id}`
      return {
        ...config,
        id: found.id,
        name: found.name,
        comment: found.comment,
        etag: 'E23ZP02F085DFQ',
        arn,
      }
    },
  }))
}

export function createAccessControlType(
  { ids, accountId }: EmulatorContext,
  model: CloudFrontState,
): ResourceType {
  const keep = (planned: Attributes, id: string): Attributes => {
    model.accessControls.put(id, {
      id,
      name: String(planned.name),
      originType: String(planned.origin_access_control_origin_type),
      signingBehavior: String(planned.signing_behavior),
    })
    model.changed()
    return {
      ...planned,
      id,
      etag: ids.upper('E', 13),
      arn: `arn:aws:cloudfront::${accountId}:origin-access-control/${id}`,
    }
  }
  return {
    type: 'aws_cloudfront_origin_access_control',
    attributes: {
      name: implemented(),
      description: ignored('only a text', { default: 'Managed by Terraform' }),
      origin_access_control_origin_type: implemented(),
      signing_behavior: implemented(),
      signing_protocol: ignored('sigv4 is the only one there is'),
      ...identity,
    },
    create: (planned) => keep(planned, ids.upper('E', 13)),
    read: (prior) => (model.accessControls.has(String(prior.id)) ? prior : undefined),
    update: (planned, prior) => keep({ ...prior, ...planned }, String(prior.id)),
    delete(prior) {
      const user = model.distributions
        .values()
        .find(({ config }) => config.origins.some((origin) => origin.originAccessControlId === prior.id))
      if (user !== undefined)
        throw new Error(`origin access control ${prior.id} is in use by distribution ${user.id}`)
      model.accessControls.delete(String(prior.id))
    },
  }
}
