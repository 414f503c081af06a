/** What IAM refuses. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
import { readPolicy } from '../../policy-statements.ts'
import type { Value } from '../../terraform/type/resource-type.ts'

/** Throws if a policy is not a JSON object with statements, or longer than IAM takes. */
export function checkPolicy(policy: Value | undefined, what: string, longest: number): void {
  const read = readPolicy(String(policy))
  if (read === 'not-json') {
    throw new Error(
      `MalformedPolicyDocument: ${what} is not JSON. Write it with jsonencode or iam_policy_document.`,
    )
  }
  if (read === 'no-statement') throw new Error(`MalformedPolicyDocument: ${what} has no Statement.`)
  // White space does not count: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  const length = JSON.stringify(read.document).length
  if (length > longest) {
    throw new Error(
      `LimitExceeded: ${what} has ${length} characters, and IAM takes ${longest}. Split the policy.`,
    )
  }
}

/** Names are unique in an account whatever their case: reference_identifiers, "Friendly names and paths". */
export const isSameName = (a: Value | undefined, b: string): boolean =>
  String(a).toLowerCase() === b.toLowerCase()

/** Throws if a name is not one that IAM takes. */
export function checkName(name: string, longest: number): void {
  if (/^[\w+=,.@-]+$/.test(name) && name.length <= longest) return
  throw new Error(`ValidationError: "${name}" must be 1 to ${longest} letters, digits or any of _+=,.@-`)
}
