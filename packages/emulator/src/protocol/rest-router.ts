/**
 * Finds the operation of a REST protocol by the `http` trait: method, path template with labels, static query.
 * Where several fit (`PUT /{Key+}` is PutObject, CopyObject, UploadPart …), the one fits best that asks for
 * most of what the request has: static query keys, required query parameters, required headers.
 *
 * https://smithy.io/2.0/spec/http-bindings.html#http-trait
 */
import { type Operation, requiredMembers, type ServiceModel } from './service-model.ts'

export interface RestRoute {
  readonly operation: Operation
  readonly labels: Readonly<Record<string, string>>
}

export interface RestTarget {
  readonly method: string
  /** Percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  /** For S3: whether the request names a bucket, which stands outside of its path templates. */
  readonly hasBucket?: boolean
}

export type RestRouter = (target: RestTarget) => RestRoute | undefined

interface Pattern {
  readonly operation: Operation
  readonly method: string
  readonly segments: readonly Segment[]
  readonly staticQuery: readonly (readonly [name: string, value: string])[]
  readonly required: readonly Required[]
  /** Whether the input has a bucket label that its path does not show. */
  readonly bucket: boolean
}

type Segment = { readonly kind: 'literal' | 'label' | 'greedy'; readonly name: string }
type Required = { readonly kind: 'query' | 'header'; readonly name: string }

export function restRouter(model: ServiceModel): RestRouter {
  const patterns = [...model.operations.values()].flatMap((operation) => patternOf(operation) ?? [])
  return (target) => {
    let best: { route: RestRoute; score: number } | undefined
    for (const pattern of patterns) {
      const labels = match(pattern, target)
      if (labels === undefined) continue
      const score = scoreOf(pattern, target)
      if (best === undefined || score > best.score)
        best = { route: { operation: pattern.operation, labels }, score }
    }
    return best?.route
  }
}

/** The SDK tells S3's operations apart by `x-id`; other clients do not send it. */
const HINT = 'x-id'

function patternOf(operation: Operation): Pattern | undefined {
  if (operation.http === undefined) return undefined
  const [method, uri] = operation.http
  const [path = '/', search = ''] = uri.split('?', 2)
  return {
    operation,
    method,
    segments: path.slice(1).split('/').map(segmentOf),
    staticQuery: [...new URLSearchParams(search)],
    required: requiredMembers(operation.input).flatMap((name) => requiredOf(operation, name) ?? []),
    bucket: !path.includes('{Bucket}') && hasLabel(operation, 'Bucket'),
  }
}

function segmentOf(text: string): Segment {
  const label = /^\{(.+?)(\+?)\}$/.exec(text)
  if (label === null) return { kind: 'literal', name: text }
  return { kind: label[2] === '+' ? 'greedy' : 'label', name: label[1] ?? '' }
}

function requiredOf(operation: Operation, name: string): Required | undefined {
  const traits = operation.input.getMemberSchema(name).getMergedTraits()
  if (traits.httpQuery) return { kind: 'query', name: traits.httpQuery }
  if (traits.httpHeader) return { kind: 'header', name: traits.httpHeader.toLowerCase() }
  return undefined
}

function hasLabel(operation: Operation, name: string): boolean {
  if (!operation.input.isStructSchema()) return false
  for (const [member, schema] of operation.input.structIterator()) {
    if (member === name) return Boolean(schema.getMergedTraits().httpLabel)
  }
  return false
}

/** The labels' values, decoded; undefined where the pattern does not fit. */
function match(pattern: Pattern, target: RestTarget): Record<string, string> | undefined {
  if (pattern.method !== target.method) return undefined
  if (target.hasBucket !== undefined && pattern.bucket !== target.hasBucket) return undefined
  for (const [name, value] of pattern.staticQuery) {
    if (name !== HINT && !(target.query.has(name) && (value === '' || target.query.get(name) === value)))
      return undefined
  }
  const given = target.path.slice(1).split('/')
  const labels: Record<string, string> = {}
  for (const [index, segment] of pattern.segments.entries()) {
    const text = given[index]
    if (segment.kind === 'greedy') {
      // What follows a greedy label is literal and ends the path.
      const after = pattern.segments.length - index - 1
      const rest = given.slice(index, given.length - after).join('/')
      if (rest === '') return undefined
      labels[segment.name] = decode(rest)
      const tail = given.slice(given.length - after)
      return tail.every((part, at) => pattern.segments[index + 1 + at]?.name === part) ? labels : undefined
    }
    if (text === undefined) return undefined
    if (segment.kind === 'literal' ? decode(text) !== segment.name : text === '') return undefined
    if (segment.kind === 'label') labels[segment.name] = decode(text)
  }
  // Clients add or leave out a slash at the end: both are the same resource.
  const extra = given.slice(pattern.segments.length)
  return extra.length === 0 || (extra.length === 1 && extra[0] === '') ? labels : undefined
}

function scoreOf(pattern: Pattern, target: RestTarget): number {
  const present = (item: Required) =>
    item.kind === 'query' ? target.query.has(item.name) : target.header(item.name) !== undefined
  const missing = pattern.required.filter((item) => !present(item)).length
  const literals = pattern.segments.filter(({ kind }) => kind === 'literal').length
  const greedy = pattern.segments.some(({ kind }) => kind === 'greedy') ? 1 : 0
  const statics = pattern.staticQuery.filter(([name]) => name !== HINT).length
  const hinted = pattern.staticQuery.some(
    ([name, value]) => name === HINT && target.query.get(HINT) === value,
  )
    ? 1
    : 0
  const asked = statics + pattern.required.length - missing
  return literals * 1000 - greedy * 500 - missing * 100 + asked * 10 + hinted
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
