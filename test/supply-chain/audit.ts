/**
 * Asks the registry for known vulnerabilities of the packages. One of high or critical severity fails. Some registries and
 * proxies do not answer the question: then nothing fails, and the last line says loudly that nothing was asked.
 * https://docs.npmjs.com/cli/v11/commands/npm-audit
 */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'

export interface AuditResult {
  readonly failed: boolean
  readonly text: string
}

interface Report {
  readonly message?: string
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number>> }
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>
}

/** What the output of `npm audit --json` means. */
export function readAudit(output: string): AuditResult {
  let report: Report
  try {
    report = JSON.parse(output) as Report
  } catch {
    return notAsked('npm printed no JSON')
  }
  const counts = report.metadata?.vulnerabilities
  if (counts === undefined) return notAsked(report.message?.split(' - ')[0] ?? 'npm printed no counts')
  const grave = Object.entries(report.vulnerabilities ?? {})
    .filter(([, { severity }]) => severity === 'high' || severity === 'critical')
    .map(([name, { severity, range }]) => `${severity}: ${name} ${range}`)
  const failed = (counts.high ?? 0) + (counts.critical ?? 0) > 0
  if (failed) return { failed, text: [...grave, 'Fix: npm audit fix, or replace the package.'].join('\n') }
  return { failed, text: `No vulnerability of high severity is known (${counts.total ?? 0} of lower ones).` }
}

const notAsked = (reason: string): AuditResult => ({
  failed: false,
  text: `NOT ASKED FOR VULNERABILITIES: the registry gave no answer (${reason}). Run npm audit where it does.`,
})

if (import.meta.main) {
  const cwd = resolve(import.meta.dirname, '../..')
  // Exits with 1 for a finding as for an error; what it printed tells them apart.
  const options = { cwd, maxBuffer: 64 << 20, timeout: 120_000 }
  execFile('npm', ['audit', '--json', '--package-lock-only'], options, (_error, stdout) => {
    const { failed, text } = readAudit(stdout)
    console.log(text)
    process.exitCode = failed ? 1 : 0
  })
}
