/**
 * `baton check`: reads the synthesized Terraform as it is written, asks AWS nothing, and says what is reachable from
 * where, what is open, unencrypted, over-permitted, against a limit or does not fit together. What only an apply can
 * tell it leaves alone, and says so.
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
      reason: 'what is in a module is not looked at',
      fix: 'Look at it yourself.',
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
