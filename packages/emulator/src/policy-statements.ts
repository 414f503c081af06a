/**
 * The statements of an IAM policy document. What a service does with them, and which error it answers, is its own.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { isObject, type JsonObject, parseJson } from './json-object.ts'

/** A document without the whitespace that IAM does not count, and its statements: one stands alone or in a list. */
export interface PolicyDocument {
  readonly document: JsonObject
  readonly statements: readonly JsonObject[]
}

/** What is wrong with a text that is not a policy document. */
export type PolicyFault = 'not-json' | 'no-statement'

export function readPolicy(text: string): PolicyDocument | PolicyFault {
  const document = parseJson(text)
  if (document === undefined) return 'not-json'
  if (!isObject(document) || document.Statement === undefined) return 'no-statement'
  const { Statement: statement } = document
  const statements = Array.isArray(statement) ? statement : [statement]
  return statements.every(isObject) ? { document, statements } : 'no-statement'
}
