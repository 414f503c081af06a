/**
 * `baton check`: reads the synthesized Terraform, calls no AWS API, and reports what is reachable from where, what is
 * open, unencrypted, over-permitted, against a limit or does not fit together. What only an apply knows it does not
 * judge, and reports that.
 */
import { type CheckResult, type Finding, findings, type Rule, type Severity } from './model/finding.ts'
import { type Connection, connections } from './model/reachability.ts'
import { createTerraform, readStacks } from './model/terraform.ts'
import { rules } from './rules.ts'

export { renderCheck } from './render.ts'
export { rules as checkRules } from './rules.ts'
export type { CheckResult, Connection, Finding, Rule, Severity }

const order: readonly Severity[] = ['error', 'warning', 'note']

/** Checks the `cdk.tf.json` of the given folders, together. */
export async function checkStacks(
  stacks: readonly { readonly name: string; readonly folder: string }[],
): Promise<CheckResult> {
  const terraform = createTerraform(await readStacks(stacks))
  const modules = terraform.modules.map(
    ({ stack, name }): Finding => ({
      rule: 'unread',
      severity: 'note',
      stack,
      address: `module.${name}`,
      reason: 'the content of a module is not checked',
      fix: 'Review it yourself.',
    }),
  )
  const found = [...findings(terraform, rules), ...modules]
  const count = (severity: Severity) => found.filter((finding) => finding.severity === severity).length
  return {
    findings: order.flatMap((severity) => found.filter((finding) => finding.severity === severity)),
    reachability: connections(terraform),
    summary: {
      resources: terraform.resources.filter(({ kind }) => kind === 'resource').length,
      rules: rules.length,
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
    },
  }
}
