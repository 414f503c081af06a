/** The result of a check as text: findings by severity, what reaches what, one line of summary. */
import type { CheckResult, Finding, Severity } from './model/finding.ts'
import { summarize } from './model/reachability.ts'

type Painter = (text: string) => string
export interface CheckPaint {
  readonly good: Painter
  readonly bad: Painter
  readonly dim: Painter
  readonly strong: Painter
}

const plain: Painter = (text) => text
const noPaint: CheckPaint = { good: plain, bad: plain, dim: plain, strong: plain }
const titles: Readonly<Record<Severity, string>> = { error: 'Errors', warning: 'Warnings', note: 'Notes' }

export function renderCheck(
  { findings, reachability, summary }: CheckResult,
  paint: CheckPaint = noPaint,
): string {
  const groups = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const all = findings.filter((finding) => finding.severity === severity)
    if (all.length === 0) return []
    const title = severity === 'error' ? paint.bad(titles[severity]) : paint.strong(titles[severity])
    return [title, ...merged(all).flatMap((entry) => renderFinding(entry, paint)), '']
  })
  const { errors, warnings, notes } = summary
  const line = `${plural(errors, 'error')}, ${plural(warnings, 'warning')}, ${plural(notes, 'note')}: ${plural(summary.resources, 'resource')} checked by ${plural(summary.rules, 'rule')}`
  return [
    ...groups,
    paint.strong('What reaches what'),
    ...table(summarize(reachability).map(({ from, to, ports }) => [from, `→ ${to}`, ports])),
    '',
    errors === 0 ? paint.good(line) : paint.bad(line),
  ].join('\n')
}

/** Findings that are the same for several resources are one entry. */
function merged(findings: readonly Finding[]): (Finding & { readonly others: readonly string[] })[] {
  const alike = Map.groupBy(findings, ({ rule, reason, fix }) => `${rule}|${reason}|${fix}`)
  return [...alike.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, others: rest.map(place) }],
  )
}

const place = ({ stack, address }: Finding) => `${stack}: ${address}`

function renderFinding(
  finding: Finding & { readonly others: readonly string[] },
  paint: CheckPaint,
): string[] {
  return [
    `  ${place(finding)}  ${paint.dim(finding.rule)}`,
    ...finding.others.map((other) => `  ${other}`),
    `    ${finding.reason}`,
    `    Fix: ${finding.fix}`,
    ...(finding.source === undefined ? [] : [paint.dim(`    ${finding.source}`)]),
  ]
}

function table(rows: readonly (readonly [string, string, string])[]): string[] {
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length))
  const [first, second] = [width(0), width(1)]
  return rows.map(([from, to, ports]) => `  ${from.padEnd(first)}  ${to.padEnd(second)}  ${ports}`)
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
