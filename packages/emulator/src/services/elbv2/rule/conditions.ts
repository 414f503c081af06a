/**
 * The conditions of a rule: checked when it is created, compiled once, asked for every request. All conditions of
 * a rule must hold, and of each condition any one value. Hosts, header values and query strings compare without
 * case, paths and methods with it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { withoutPort } from '../../../http/host.ts'
import { absoluteForm } from '../../../http/request-target.ts'
import { compileWildcard, type Matches } from '../../../matching/wildcard.ts'
import { validationError } from '../model/errors.ts'
import { checkConditionLimits, conditionValues } from './condition-limits.ts'
import { compileRegex } from './regex.ts'

/** What conditions can ask of a request. */
export interface RequestFacts {
  readonly method: string
  /** The Host header without its port, in lower case. */
  readonly host: string
  /** Without the query. */
  readonly path: string
  /** After the question mark, as sent. */
  readonly query: string
  /** Path and query as they go to the target. */
  readonly target: string
  /** The host of a URL in absolute form, as sent; it stands for the Host header. */
  readonly authority: string | undefined
  readonly headers: IncomingHttpHeaders
  /** Of the connection's other end; X-Forwarded-For is not asked. */
  readonly address: string
}

export type Condition = (facts: RequestFacts) => boolean

/** The facts of a request line and its headers; `preserveHost` lets the Host header win over a URL in absolute form. */
export function requestFacts(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  address: string,
  preserveHost = false,
): RequestFacts {
  const absolute = url.startsWith('/') ? undefined : absoluteForm(url)
  const target = absolute?.target ?? url
  const authority = preserveHost ? undefined : absolute?.authority
  const mark = target.indexOf('?')
  return {
    method,
    host: withoutPort(authority ?? headers.host ?? '').toLowerCase(),
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    target,
    authority,
    headers,
    address,
  }
}

/** One function for all conditions of a rule. */
export function compileConditions(conditions: readonly RuleCondition[]): Condition {
  const compiled = conditions.map(compile)
  return (facts) => compiled.every((condition) => condition(facts))
}

/** The conditions as AWS keeps them: `Values` and the field's own config both filled in. */
export function normalizeConditions(conditions: readonly RuleCondition[] | undefined): RuleCondition[] {
  if (!conditions?.length) throw validationError('A condition must be specified')
  const normalized = conditions.map(normalize)
  checkConditionLimits(normalized)
  for (const condition of normalized) compile(condition)
  return normalized
}

function normalize(condition: RuleCondition): RuleCondition {
  const values = condition.Values
  switch (condition.Field) {
    case 'host-header': {
      const config = condition.HostHeaderConfig ?? { Values: values }
      return { Field: 'host-header', ...listed(config.Values), HostHeaderConfig: config }
    }
    case 'path-pattern': {
      const config = condition.PathPatternConfig ?? { Values: values }
      return { Field: 'path-pattern', ...listed(config.Values), PathPatternConfig: config }
    }
    case 'http-header':
    case 'http-request-method':
    case 'query-string':
    case 'source-ip':
      return condition
    default:
      throw validationError(
        `Condition field '${String(condition.Field)}' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'`,
      )
  }
}

const listed = (values: string[] | undefined) => (values === undefined ? {} : { Values: values })

function compile(condition: RuleCondition): Condition {
  if (conditionValues(condition).length === 0) throw validationError('A condition value must be specified')
  switch (condition.Field) {
    case 'host-header': {
      const matches = pattern(condition.HostHeaderConfig, true)
      return (facts) => matches(facts.host)
    }
    case 'path-pattern': {
      const matches = pattern(condition.PathPatternConfig, false)
      return (facts) => matches(facts.path)
    }
    case 'http-header': {
      const name = condition.HttpHeaderConfig?.HttpHeaderName?.toLowerCase()
      if (!name) throw validationError('An HTTP header name must be specified')
      const matches = pattern(condition.HttpHeaderConfig, true)
      return (facts) => {
        const value = facts.headers[name]
        if (value === undefined) return false
        return Array.isArray(value) ? value.some(matches) : matches(value)
      }
    }
    case 'http-request-method': {
      const methods = new Set(condition.HttpRequestMethodConfig?.Values ?? [])
      return (facts) => methods.has(facts.method)
    }
    case 'query-string':
      return compileQuery(condition.QueryStringConfig?.Values ?? [])
    case 'source-ip':
      return compileSourceIp(condition.SourceIpConfig?.Values ?? [])
    default:
      throw new Error(`invariant: condition field ${String(condition.Field)} was checked`)
  }
}

function compileQuery(
  values: readonly { Key?: string | undefined; Value?: string | undefined }[],
): Condition {
  const pairs = values.map(({ Key, Value }) => ({
    key: Key === undefined ? undefined : wildcard(Key, true),
    value: wildcard(Value ?? '', true),
  }))
  return ({ query }) => {
    if (query === '') return false
    const sent = [...new URLSearchParams(query)]
    return pairs.some((pair) => sent.some(([key, value]) => pair.value(value) && (pair.key?.(key) ?? true)))
  }
}

function compileSourceIp(values: readonly string[]): Condition {
  const blocks = new BlockList()
  for (const cidr of values) {
    const [address = '', bits = ''] = cidr.split('/')
    try {
      blocks.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
    } catch {
      throw validationError(`The CIDR block '${cidr}' is not valid`)
    }
  }
  return ({ address }) => blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function pattern(
  config: { Values?: string[] | undefined; RegexValues?: string[] | undefined } | undefined,
  ignoreCase: boolean,
): Matches {
  const [only, ...others] = [
    ...(config?.Values ?? []).map((value) => wildcard(value, ignoreCase)),
    ...(config?.RegexValues ?? []).map((value) => compileRegex(value, { ignoreCase }).test),
  ]
  if (only !== undefined && others.length === 0) return only
  return (value) => only?.(value) === true || others.some((matches) => matches(value))
}

/** `*` stands for any characters or none, `?` for exactly one; a backslash makes either literal. */
function wildcard(value: string, ignoreCase: boolean): Matches {
  if (value.length > 128) throw validationError('A condition value can have up to 128 characters')
  return compileWildcard(value, { single: true, ignoreCase, escapable: '*?' })
}
