/**
 * `aws_iam_policy_document`: writes a policy exactly as the provider does, because a document that differs in a
 * space or in the order of a list shows up as a change.
 * AWS provider's documentation, aws_iam_policy_document
 */
import { crc32 } from 'node:zlib'
import { readPolicy } from '../../policy-statements.ts'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  type DataSourceType,
  implemented,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../terraform/type/values.ts'

const principals: AttributeSpecs = { type: implemented(), identifiers: implemented({ set: true }) }

const statement: AttributeSpecs = {
  sid: implemented(),
  effect: implemented({ default: 'Allow' }),
  actions: implemented({ set: true }),
  not_actions: implemented({ set: true }),
  resources: implemented({ set: true }),
  not_resources: implemented({ set: true }),
  principals: block(principals, { set: true }),
  not_principals: block(principals, { set: true }),
  condition: block({ test: implemented(), variable: implemented(), values: implemented() }, { set: true }),
}

type Statement = { [member: string]: Value }

export const policyDocument: DataSourceType = {
  type: 'aws_iam_policy_document',
  attributes: {
    policy_id: implemented(),
    version: implemented({ default: '2012-10-17' }),
    source_policy_documents: implemented(),
    override_policy_documents: implemented(),
    statement: block(statement),
    json: computed(),
    minified_json: computed(),
  },
  read(config) {
    const own = blocks(config.statement).map(toStatement)
    let statements = [...stringList(config.source_policy_documents).flatMap(statementsOf), ...own]
    refuseDuplicates(statements)
    for (const document of stringList(config.override_policy_documents)) {
      statements = overrideBy(statements, statementsOf(document))
    }
    const document = {
      Version: config.version ?? '2012-10-17',
      ...(config.policy_id ? { Id: config.policy_id } : {}),
      Statement: statements,
    }
    const json = escapeHtml(JSON.stringify(document, undefined, 2))
    return { id: String(crc32(json)), json, minified_json: escapeHtml(JSON.stringify(document)) }
  },
}

/** Members in the order of the provider's own structure; empty ones are left out. */
function toStatement(config: Attributes): Statement {
  const members: readonly (readonly [string, Value | undefined])[] = [
    ['Sid', config.sid],
    ['Effect', config.effect ?? 'Allow'],
    ['Action', oneOrSorted(config.actions)],
    ['NotAction', oneOrSorted(config.not_actions)],
    ['Resource', oneOrSorted(config.resources)],
    ['NotResource', oneOrSorted(config.not_resources)],
    ['Principal', principalsOf(blocks(config.principals))],
    ['NotPrincipal', principalsOf(blocks(config.not_principals))],
    ['Condition', conditionsOf(blocks(config.condition))],
  ]
  return Object.fromEntries(members.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** One value is written without a list; several are sorted in descending order, as the provider does. */
function oneOrSorted(value: Value | undefined): Value | undefined {
  const members = stringList(value).map(policyVariables).sort().reverse()
  return members.length > 1 ? members : members[0]
}

/** `&{…}` is how a policy variable is written in a configuration. */
const policyVariables = (text: string) => text.replaceAll('&{', '${')

function principalsOf(blocks: readonly Attributes[]): Value | undefined {
  if (blocks.length === 0) return undefined
  const identifiers = new Map<string, string[]>()
  for (const { type, identifiers: members } of blocks) {
    const key = String(type)
    identifiers.set(key, [...(identifiers.get(key) ?? []), ...stringList(members)])
  }
  const [only] = identifiers
  if (identifiers.size === 1 && only?.[0] === '*' && only[1].length === 1 && only[1][0] === '*') return '*'
  return sortedObject([...identifiers].map(([type, members]) => [type, oneOrSorted(members) ?? null]))
}

function conditionsOf(blocks: readonly Attributes[]): Value | undefined {
  if (blocks.length === 0) return undefined
  const tests = new Map<string, [string, Value][]>()
  for (const { test, variable, values } of blocks) {
    const members = stringList(values).map(policyVariables)
    const entry: [string, Value] = [String(variable), members.length === 1 ? (members[0] ?? null) : members]
    tests.set(String(test), [...(tests.get(String(test)) ?? []), entry])
  }
  return sortedObject([...tests].map(([test, entries]) => [test, sortedObject(entries)]))
}

function sortedObject(entries: readonly (readonly [string, Value])[]): { [key: string]: Value } {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function statementsOf(document: string): Statement[] {
  if (document === '') return []
  const read = readPolicy(document)
  if (read === 'not-json')
    throw new Error(`The policy document to merge is not JSON: ${document.slice(0, 100)}`)
  return read === 'no-statement' ? [] : (read.statements as Statement[])
}

function refuseDuplicates(statements: readonly Statement[]): void {
  const sids = statements.flatMap(({ Sid }) => (Sid ? [String(Sid)] : []))
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index)
  if (twice !== undefined)
    throw new Error(`The statement id "${twice}" is used twice: rename one, or override it.`)
}

/** A statement of the same id takes the other's place; the rest is added. */
function overrideBy(statements: readonly Statement[], overriding: readonly Statement[]): Statement[] {
  const result = [...statements]
  for (const item of overriding) {
    const index = item.Sid ? result.findIndex((other) => other.Sid === item.Sid) : -1
    if (index >= 0) result[index] = item
    else result.push(item)
  }
  return result
}

/** Go's JSON encoder escapes these three. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
}
