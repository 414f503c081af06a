/** The verdict as text for a terminal or a log. Colours are the caller's business: marks come through `paint`. */
import type { DeploymentReport, Phase, Report, StepReport } from './report/report.ts'

export interface Paint {
  good(text: string): string
  bad(text: string): string
  dim(text: string): string
  strong(text: string): string
}

export const plain: Paint = { good: String, bad: String, dim: String, strong: String }

export function renderReport(report: Report, paint: Paint = plain): string {
  const { requests } = report
  const mark = report.verdict === 'pass' ? paint.good('PASS') : paint.bad('FAIL')
  return [
    '',
    `${paint.strong('Verdict')}  ${mark}  ${requests.total} requests at ${requests.perSecond}/s, ${requests.failed} failed; ${seconds(report.durationMs)} at speed ${report.speed}`,
    '',
    paint.strong('Latency (ms)'),
    table([
      ['phase', 'here', 'on AWS', 'requests', 'failed', 'p50', 'p90', 'p99', 'max'],
      ...report.phases.map(phaseRow),
    ]),
    '',
    paint.strong('Deployments'),
    table([['what', 'from', 'to', 'ended', 'here', 'on AWS'], ...report.deployments.map(deploymentRow)]),
    ...report.deployments.flatMap((deployment) => steps(deployment, paint)),
    '',
    paint.strong('Versions that clients saw'),
    table([
      ['what', 'version', 'from', 'to', 'answers'],
      ...report.versions.map((span) => [
        span.target,
        span.version,
        seconds(span.firstSeenMs),
        seconds(span.lastSeenMs),
        String(span.responses),
      ]),
    ]),
    ...report.findings.flatMap((finding) => [
      '',
      `${paint.bad(`${finding.count} × ${finding.cause}`)}  ${finding.what}`,
      `  Fix: ${finding.fix}`,
      ...finding.examples.map((example) => paint.dim(`  ${example}`)),
    ]),
    '',
    paint.dim(`Not rehearsed: ${report.notRehearsed.join('; ') || 'nothing'}`),
    '',
  ].join('\n')
}

function phaseRow(phase: Phase): string[] {
  const { p50, p90, p99, max } = phase.latencyMs
  return [
    phase.name,
    seconds(phase.durationMs),
    minutes(phase.predictedAwsDurationMs),
    String(phase.requests),
    String(phase.failed),
    ...[p50, p90, p99, max].map((ms) => ms.toFixed(1)),
  ]
}

function deploymentRow(deployment: DeploymentReport): string[] {
  return [
    `${deployment.kind} ${deployment.target}`,
    deployment.from,
    deployment.to,
    `${deployment.status}${deployment.rolledBack ? ', rolled back' : ''}${deployment.asExpected ? '' : ' (not as expected)'}`,
    seconds(deployment.durationMs),
    minutes(deployment.predictedAwsDurationMs),
  ]
}

function steps(deployment: DeploymentReport, paint: Paint): string[] {
  const { withinCanary } = deployment
  const taken = deployment.steps.filter((step) => step.durationMs !== undefined)
  return [
    ...(deployment.asExpected
      ? []
      : [
          `  ${paint.bad(`${deployment.target} ${deployment.to} was to be ${deployment.expectation}`)}: ${deployment.message ?? deployment.status}`,
        ]),
    ...(taken.length === 0
      ? []
      : [paint.dim(`  ${deployment.target} ${deployment.to}: ${taken.map(stepText).join(', ')}`)]),
    ...(withinCanary
      ? [
          `  ${deployment.target} ${deployment.to}: ${withinCanary.failed} of ${withinCanary.requests} requests failed within its canary; its share allows ${withinCanary.allowed}`,
        ]
      : []),
  ]
}

/** Both times, where AWS's own time makes a difference. */
function stepText({ name, status, durationMs = 0, predictedAwsDurationMs = durationMs }: StepReport): string {
  const here = seconds(durationMs)
  const onAws =
    Math.round(predictedAwsDurationMs - durationMs) < 1000
      ? ''
      : ` (on AWS ${minutes(predictedAwsDurationMs)})`
  return `${name} ${here}${onAws}${status === 'Succeeded' ? '' : ` (${status})`}`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

function minutes(ms: number): string {
  const total = Math.round(ms / 1000)
  return total < 60 ? `${total} s` : `${Math.floor(total / 60)} min ${total % 60} s`
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      `  ${row
        .map((cell, column) =>
          /^[\d.]+( s)?$|^\d+ min \d+ s$/.test(cell)
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')}`.trimEnd(),
    )
    .join('\n')
}
