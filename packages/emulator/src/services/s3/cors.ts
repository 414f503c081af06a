/**
 * Cross-origin requests of browsers to objects, as the bucket's own rules say: the first rule that admits origin, method
 * and headers decides. Without a rule no answer has a CORS header, and a preflight is refused.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { blocks, number, stringList } from '../../terraform/type/values.ts'

export interface CorsRequest {
  readonly origin: string
  /** Of a preflight: the method that it asks for. */
  readonly method: string
  /** Of a preflight: the headers that it asks for, lower case. */
  readonly headers: readonly string[]
}

export interface CorsRule {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposed: readonly string[]
  readonly maxAgeSeconds: number | undefined
}

/** The rules of an `aws_s3_bucket_cors_configuration`. */
export function corsRules(configuration: Attributes | undefined): CorsRule[] {
  return blocks(configuration?.cors_rule).map((rule) => ({
    origins: stringList(rule.allowed_origins),
    methods: stringList(rule.allowed_methods),
    headers: stringList(rule.allowed_headers),
    exposed: stringList(rule.expose_headers),
    maxAgeSeconds: number(rule.max_age_seconds),
  }))
}

/** Headers of the answer; undefined where no rule admits the request. */
export function corsHeaders(
  rules: readonly CorsRule[],
  request: CorsRequest,
): Readonly<Record<string, string>> | undefined {
  const rule = rules.find(
    ({ origins, methods, headers }) =>
      origins.some((pattern) => admits(pattern, request.origin)) &&
      methods.includes(request.method) &&
      request.headers.every((name) => headers.some((pattern) => admits(pattern.toLowerCase(), name))),
  )
  if (rule === undefined) return undefined
  const anyOrigin = rule.origins.includes('*')
  return {
    'access-control-allow-origin': anyOrigin ? '*' : request.origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(request.headers.length > 0 ? { 'access-control-allow-headers': request.headers.join(', ') } : {}),
    ...(rule.exposed.length > 0 ? { 'access-control-expose-headers': rule.exposed.join(', ') } : {}),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    ...(anyOrigin ? {} : { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}

/** A rule's pattern may have one `*`. */
function admits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
}
