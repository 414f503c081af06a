/**
 * The parts of a REST message: which member stands in the path, the query, a header, the status, and which in
 * the body. The traits of the members say so.
 *
 * https://smithy.io/2.0/spec/http-bindings.html
 */
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import type { WireRequest } from './request.ts'
import { readScalar } from './scalar.ts'
import { structure } from './service-model.ts'

export interface Bindings {
  readonly members: readonly Member[]
  /** The member that is the body. */
  readonly payload: Member | undefined
  /** The structure of those members that stand in a structured body; undefined when there are none. */
  readonly body: NormalizedSchema | undefined
}

export interface Member {
  readonly name: string
  readonly schema: NormalizedSchema
  readonly traits: ReturnType<NormalizedSchema['getMergedTraits']>
}

const known = new WeakMap<object, { input?: Bindings; output?: Bindings }>()

/** The bindings of an input or output. In an output, labels and query parameters are plain members of the body. */
export function bindingsOf(schema: NormalizedSchema, direction: 'input' | 'output'): Bindings {
  const both = known.get(schema) ?? {}
  known.set(schema, both)
  both[direction] ??= read(schema, direction)
  return both[direction]
}

function read(schema: NormalizedSchema, direction: 'input' | 'output'): Bindings {
  if (!schema.isStructSchema()) return { members: [], payload: undefined, body: undefined }
  const members = [...schema.structIterator()].map(([name, member]) => ({
    name,
    schema: member,
    traits: member.getMergedTraits(),
  }))
  const inBody = members.filter(({ traits }) => !isBound(traits, direction))
  const shape = schema.getSchema() as unknown as readonly [number, string, string, never, string[], unknown[]]
  const body = structure(
    shape[2],
    shape[1],
    inBody.map(({ name }) => [name, shape[5][shape[4].indexOf(name)]] as const),
    schema.getOwnTraits(),
  )
  return {
    members,
    payload: members.find(({ traits }) => traits.httpPayload),
    body: inBody.length === 0 ? undefined : body,
  }
}

function isBound(traits: Member['traits'], direction: 'input' | 'output'): boolean {
  const inMessage = traits.httpHeader || typeof traits.httpPrefixHeaders === 'string' || traits.httpPayload
  const inRequest = traits.httpLabel || traits.httpQuery || traits.httpQueryParams
  return Boolean(inMessage || (direction === 'input' ? inRequest : traits.httpResponseCode))
}

/** Time stamps in a header, a query or a label have the format of that place unless a shape says otherwise. */
const settings = { timestampFormat: { useTrait: true, default: 7 as const }, httpBindings: true }
const parsed = new FromStringShapeDeserializer(settings)
const asString = new ToStringShapeSerializer(settings)

const isConditionDate = /^if-(un)?modified-since$/i

/** Reads the members that stand in path, query and headers; `code` is the error's for a text that does not fit. */
export function readBindings(
  bindings: Bindings,
  request: WireRequest,
  labels: Readonly<Record<string, string>>,
  code: string,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const { name, schema, traits } of bindings.members) {
    const value = readMember(name, schema, traits, request, labels, code)
    if (value !== undefined) input[name] = value
  }
  return input
}

function readMember(
  name: string,
  schema: NormalizedSchema,
  traits: Member['traits'],
  request: WireRequest,
  labels: Readonly<Record<string, string>>,
  code: string,
): unknown {
  const read = (member: NormalizedSchema, text: string) =>
    readScalar({ parser: parsed, code }, member, text, name)
  if (traits.httpLabel) {
    const label = labels[name]
    return label === undefined ? undefined : read(schema, label)
  }
  if (traits.httpHeader) {
    const header = headerOf(request, traits.httpHeader.toLowerCase())
    if (header === undefined) return undefined
    // A date that is none counts as absent: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.3
    if (isConditionDate.test(traits.httpHeader) && Number.isNaN(Date.parse(header))) return undefined
    return read(schema, header)
  }
  if (traits.httpQuery) {
    const values = request.query.getAll(traits.httpQuery)
    if (values[0] === undefined) return undefined
    return schema.isListSchema()
      ? values.map((value) => read(schema.getValueSchema(), value))
      : read(schema, values[0])
  }
  if (traits.httpQueryParams) return Object.fromEntries(request.query)
  if (typeof traits.httpPrefixHeaders === 'string') {
    const prefix = traits.httpPrefixHeaders.toLowerCase()
    const pairs = [...request.headers()].filter(([header]) => header.startsWith(prefix))
    return pairs.length === 0
      ? undefined
      : Object.fromEntries(pairs.map(([header, value]) => [header.slice(prefix.length), value]))
  }
  return undefined
}

/** `aws-chunked` is the framing of the upload, not the object's encoding: S3 does not keep it. */
function headerOf(request: WireRequest, name: string): string | undefined {
  const value = request.header(name)
  if (name !== 'content-encoding' || value === undefined) return value
  const rest = value
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== 'aws-chunked')
  return rest.length === 0 ? undefined : rest.join(', ')
}

/** Headers and status of an output or of an error's members. */
export function writeBindings(
  bindings: Bindings,
  output: Readonly<Record<string, unknown>>,
): { headers: Record<string, string>; status: number | undefined } {
  const headers: Record<string, string> = {}
  let status: number | undefined
  for (const { name, schema, traits } of bindings.members) {
    const value = output[name]
    if (value === undefined || value === null) continue
    if (traits.httpHeader) headers[traits.httpHeader.toLowerCase()] = write(schema, value)
    else if (traits.httpResponseCode) status = Number(value)
    else if (typeof traits.httpPrefixHeaders === 'string') {
      for (const [key, item] of Object.entries(value)) {
        headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = String(item)
      }
    }
  }
  return { headers, status }
}

function write(schema: NormalizedSchema, value: unknown): string {
  asString.write(schema, value)
  return asString.flush()
}
