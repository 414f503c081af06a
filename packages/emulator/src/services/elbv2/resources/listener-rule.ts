/** aws_lb_listener_rule: https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/lb_listener_rule.html.markdown */
import type { RewriteConfig, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import type { Elbv2Context } from '../model/context.ts'
import type { Rule } from '../model/model.ts'
import { changeTags } from '../model/tags.ts'
import { createRule, deleteRule, modifyRule, setRulePriorities } from '../rule/rules.ts'
import { actionSpecs, fromActions, toActions } from './action-attributes.ts'
import { allTags, blocks, integer, onlyBlock, tagRecord, text, texts } from './values.ts'

const rewrite = block(
  { rewrite: block({ regex: implemented(), replace: implemented() }, { maxItems: 1 }) },
  { maxItems: 1 },
)
const patterns = { values: implemented({ set: true }), regex_values: implemented({ set: true }) }

const attributes: AttributeSpecs = {
  listener_arn: implemented({ forceNew: true }),
  priority: implemented({ computed: true }),
  action: block(actionSpecs),
  condition: block(
    {
      host_header: block(patterns, { maxItems: 1 }),
      path_pattern: block(patterns, { maxItems: 1 }),
      http_header: block({ http_header_name: implemented(), ...patterns }, { maxItems: 1 }),
      http_request_method: block({ values: implemented({ set: true }) }, { maxItems: 1 }),
      query_string: block({ key: implemented(), value: implemented() }, { set: true }),
      source_ip: block({ values: implemented({ set: true }) }, { maxItems: 1 }),
    },
    { set: true },
  ),
  transform: block(
    { type: implemented(), host_header_rewrite_config: rewrite, url_rewrite_config: rewrite },
    { set: true },
  ),
  tags: implemented(),
  tags_all: computed(),
  id: computed(),
  arn: computed(),
}

export function listenerRuleType(env: Elbv2Context): ResourceType {
  return {
    type: 'aws_lb_listener_rule',
    attributes,
    create(planned) {
      const listenerArn = text(planned, 'listener_arn')
      const rule = createRule(env, {
        ListenerArn: listenerArn,
        Priority: integer(planned, 'priority') ?? nextPriority(env, listenerArn),
        Conditions: toConditions(blocks(planned, 'condition')),
        Actions: toActions(blocks(planned, 'action')),
        Transforms: toTransforms(blocks(planned, 'transform')),
        Tags: allTags(planned),
      })
      return attributesOf(planned, rule)
    },
    read(prior) {
      const rule = env.state.rules.get(String(prior.id))
      return rule && attributesOf(prior, rule)
    },
    update(planned, prior) {
      const arn = String(prior.id)
      const priority = integer(planned, 'priority')
      if (priority !== undefined && priority !== env.state.rule(arn).priority) {
        setRulePriorities(env, [{ RuleArn: arn, Priority: priority }])
      }
      modifyRule(env, {
        RuleArn: arn,
        Conditions: toConditions(blocks(planned, 'condition')),
        Actions: toActions(blocks(planned, 'action')),
        Transforms: toTransforms(blocks(planned, 'transform')),
      })
      changeTags(env, arn, () => tagRecord(planned))
      return attributesOf({ ...prior, ...planned }, env.state.rule(arn))
    },
    delete(prior) {
      if (env.state.rules.has(String(prior.id))) deleteRule(env, String(prior.id))
    },
  }
}

/** The provider takes the highest priority there is, and one more. */
function nextPriority(env: Elbv2Context, listenerArn: string | undefined): number {
  const priorities = env.state
    .rulesOf(listenerArn ?? '')
    .map(({ priority }) => (priority === 'default' ? 0 : priority))
  return Math.max(0, ...priorities) + 1
}

function attributesOf(base: Attributes, rule: Rule): Attributes {
  return {
    ...base,
    id: rule.arn,
    arn: rule.arn,
    listener_arn: rule.listenerArn,
    priority: rule.priority === 'default' ? 99_999 : rule.priority,
    action: fromActions(rule.actions, blocks(base, 'action')),
    condition: rule.conditions.map(fromCondition),
    transform: (rule.transforms ?? []).map(fromTransform),
    tags_all: { ...rule.tags },
  }
}

function toTransforms(written: readonly Attributes[]): RuleTransform[] {
  const rewrites = (transform: Attributes, name: string) =>
    blocks(onlyBlock(transform, name) ?? {}, 'rewrite').map((each) => ({
      Regex: text(each, 'regex'),
      Replace: text(each, 'replace'),
    }))
  return written.map((transform) =>
    text(transform, 'type') === 'host-header-rewrite'
      ? {
          Type: 'host-header-rewrite',
          HostHeaderRewriteConfig: { Rewrites: rewrites(transform, 'host_header_rewrite_config') },
        }
      : {
          Type: text(transform, 'type') as 'url-rewrite',
          UrlRewriteConfig: { Rewrites: rewrites(transform, 'url_rewrite_config') },
        },
  )
}

function fromTransform({ Type, HostHeaderRewriteConfig, UrlRewriteConfig }: RuleTransform): Attributes {
  const config = (rewrites: RewriteConfig[] | undefined) =>
    rewrites
      ? [{ rewrite: rewrites.map((each) => ({ regex: each.Regex ?? '', replace: each.Replace ?? '' })) }]
      : []
  return {
    type: Type ?? null,
    host_header_rewrite_config: config(HostHeaderRewriteConfig?.Rewrites),
    url_rewrite_config: config(UrlRewriteConfig?.Rewrites),
  }
}

function toConditions(written: readonly Attributes[]): RuleCondition[] {
  return written.flatMap((condition) => {
    const found: RuleCondition[] = []
    const host = onlyBlock(condition, 'host_header')
    if (host) found.push({ Field: 'host-header', HostHeaderConfig: patternInput(host) })
    const path = onlyBlock(condition, 'path_pattern')
    if (path) found.push({ Field: 'path-pattern', PathPatternConfig: patternInput(path) })
    const header = onlyBlock(condition, 'http_header')
    if (header) {
      const HttpHeaderName = text(header, 'http_header_name')
      found.push({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, ...patternInput(header) } })
    }
    const method = onlyBlock(condition, 'http_request_method')
    if (method) {
      found.push({
        Field: 'http-request-method',
        HttpRequestMethodConfig: { Values: texts(method, 'values') },
      })
    }
    const source = onlyBlock(condition, 'source_ip')
    if (source) found.push({ Field: 'source-ip', SourceIpConfig: { Values: texts(source, 'values') } })
    const queries = blocks(condition, 'query_string')
    if (queries.length > 0) {
      const Values = queries.map((query) => ({ Key: text(query, 'key'), Value: text(query, 'value') }))
      found.push({ Field: 'query-string', QueryStringConfig: { Values } })
    }
    return found
  })
}

function patternInput(pattern: Attributes): { Values?: string[]; RegexValues?: string[] } {
  const values = texts(pattern, 'values')
  const regexValues = texts(pattern, 'regex_values')
  return {
    ...(values?.length ? { Values: values } : {}),
    ...(regexValues?.length ? { RegexValues: regexValues } : {}),
  }
}

const emptyCondition = {
  host_header: [],
  path_pattern: [],
  http_header: [],
  http_request_method: [],
  query_string: [],
  source_ip: [],
}

function fromCondition(condition: RuleCondition): Attributes {
  const pattern = (
    config: { Values?: string[] | undefined; RegexValues?: string[] | undefined } | undefined,
  ) => ({
    values: config?.Values ?? null,
    regex_values: config?.RegexValues ?? null,
  })
  switch (condition.Field) {
    case 'host-header':
      return { ...emptyCondition, host_header: [pattern(condition.HostHeaderConfig)] }
    case 'path-pattern':
      return { ...emptyCondition, path_pattern: [pattern(condition.PathPatternConfig)] }
    case 'http-header': {
      const config = condition.HttpHeaderConfig
      return {
        ...emptyCondition,
        http_header: [{ http_header_name: config?.HttpHeaderName ?? '', ...pattern(config) }],
      }
    }
    case 'http-request-method':
      return {
        ...emptyCondition,
        http_request_method: [{ values: condition.HttpRequestMethodConfig?.Values ?? [] }],
      }
    case 'query-string':
      return {
        ...emptyCondition,
        query_string: (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => ({
          key: Key ?? null,
          value: Value ?? '',
        })),
      }
    default:
      return { ...emptyCondition, source_ip: [{ values: condition.SourceIpConfig?.Values ?? [] }] }
  }
}
