/**
 * Input of the Query protocol: `Names.member.1=a&Tags.member.1.Key=b` becomes what the schema describes. EC2's dialect
 * has capital names of its own and no `member`: `VpcId.1=a`.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#request-serialization
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#request-serialization
 */
import { FromStringShapeDeserializer } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsError } from '../aws-error.ts'
import { readScalar, type ScalarSource } from './scalar.ts'

/** Form parameters as a tree: `a.b.1=x` is `{ a: { b: { 1: 'x' } } }`; a parameter's own value is at ''. */
interface Node {
  value?: string
  readonly children: Map<string, Node>
}

/** Time stamps are ISO 8601 unless a shape says otherwise (5 in the schema's numbers). */
const DATE_TIME = 5
const scalars: ScalarSource = {
  parser: new FromStringShapeDeserializer({
    timestampFormat: { useTrait: true, default: DATE_TIME },
    httpBindings: false,
  }),
  code: 'MalformedInput',
}

export type Dialect = 'query' | 'ec2'

export function readForm(
  schema: NormalizedSchema,
  parameters: Iterable<[string, string]>,
  dialect: Dialect = 'query',
): Record<string, unknown> {
  const root: Node = { children: new Map() }
  for (const [name, value] of parameters) nodeAt(root, name).value = value
  return readStructure(schema, root, dialect)
}

/** A member's name in the form. */
function keyOf(name: string, member: NormalizedSchema, dialect: Dialect): string {
  const { xmlName, ec2QueryName } = member.getMergedTraits()
  const written = xmlName ?? name
  if (dialect === 'query') return written
  if (typeof ec2QueryName === 'string') return ec2QueryName
  return `${written.charAt(0).toUpperCase()}${written.slice(1)}`
}

/** Deeper names than any shape's are hostile. */
const DEPTH_MAX = 32

function nodeAt(root: Node, name: string): Node {
  const path = name.split('.')
  if (path.length > DEPTH_MAX) throw new AwsError('MalformedQueryString', 'A parameter is nested too deeply.')
  let node = root
  for (const step of path) {
    const next = node.children.get(step) ?? { children: new Map() }
    node.children.set(step, next)
    node = next
  }
  return node
}

function read(schema: NormalizedSchema, node: Node, name: string, dialect: Dialect): unknown {
  if (schema.isStructSchema()) return readStructure(schema, node, dialect)
  if (schema.isListSchema()) return readList(schema, node, dialect)
  if (schema.isMapSchema()) return readMap(schema, node, dialect)
  return node.value === undefined ? undefined : readScalar(scalars, schema, node.value, name)
}

function readStructure(schema: NormalizedSchema, node: Node, dialect: Dialect): Record<string, unknown> {
  const structure: Record<string, unknown> = {}
  if (!schema.isStructSchema()) return structure
  for (const [name, member] of schema.structIterator()) {
    const child = node.children.get(keyOf(name, member, dialect))
    if (child === undefined) continue
    const value = read(member, child, name, dialect)
    if (value !== undefined) structure[name] = value
  }
  return structure
}

function readList(schema: NormalizedSchema, node: Node, dialect: Dialect): unknown[] {
  const member = schema.getValueSchema()
  const flat = dialect === 'ec2' || schema.getMergedTraits().xmlFlattened !== undefined
  // Some clients leave a list's own member name out of account and always write `member`.
  const list = flat
    ? node
    : (node.children.get(member.getMergedTraits().xmlName ?? 'member') ?? node.children.get('member'))
  return numbered(list).map((item) => read(member, item, 'a list', dialect))
}

function readMap(schema: NormalizedSchema, node: Node, dialect: Dialect): Record<string, unknown> {
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key'
  const member = schema.getValueSchema()
  const valueName = member.getMergedTraits().xmlName ?? 'value'
  const flat = schema.getMergedTraits().xmlFlattened !== undefined
  const entries = numbered(flat ? node : node.children.get('entry')).flatMap((entry) => {
    const key = entry.children.get(keyName)?.value
    const value = entry.children.get(valueName)
    return key === undefined || value === undefined ? [] : [[key, read(member, value, key, dialect)] as const]
  })
  return Object.fromEntries(entries)
}

/** Children 1, 2, 3 … in the order of their numbers, gaps left out as AWS does. */
function numbered(node: Node | undefined): Node[] {
  return [...(node?.children ?? [])]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
}
