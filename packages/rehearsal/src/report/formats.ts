/**
 * The report as a file, in the format of its ending: JSON for programs, Markdown for people (a pipeline's summary), JUnit's
 * XML for the test page of a pipeline.
 */
import type { Report } from './report.ts'

/** By the ending of the file's name. */
export const reportFormats: Readonly<Record<string, (report: Report) => string>> = {
  '.json': (report) => `${JSON.stringify(report, null, 2)}\n`,
  '.md': renderMarkdown,
  '.xml': renderJunit,
}

function renderMarkdown(report: Report): string {
  const { verdict, requests, phases, deployments, findings, notRehearsed, durationMs, speed, mistake } =
    report
  const total = `${requests.total} requests at ${requests.perSecond}/s, ${requests.failed} failed; ${seconds(durationMs)} at speed ${speed}`
  const parts = [
    `# Rehearsal: ${verdict.toUpperCase()}`,
    mistake === undefined ? total : `${total}. The mistake \`${mistake}\` was rehearsed on purpose.`,
    '## Latency (ms)',
    table(
      ['phase', 'here', 'on AWS', 'requests', 'failed', 'p50', 'p99', 'max'],
      phases.map(({ name, durationMs: here, predictedAwsDurationMs, requests: asked, failed, latencyMs }) => [
        name,
        seconds(here),
        seconds(predictedAwsDurationMs),
        asked,
        failed,
        ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) => ms.toFixed(1)),
      ]),
    ),
  ]
  if (deployments.length > 0) {
    parts.push(
      '## Deployments',
      table(
        ['what', 'from', 'to', 'ended', 'as expected', 'on AWS'],
        deployments.map((each) => [
          `${each.kind} ${each.target}`,
          each.from,
          each.to,
          `${each.status}${each.rolledBack ? ', rolled back' : ''}`,
          each.asExpected ? 'yes' : `no: ${each.expectation}`,
          seconds(each.predictedAwsDurationMs),
        ]),
      ),
    )
  }
  if (findings.length > 0) parts.push('## Findings')
  for (const { cause, count, what, fix, examples } of findings) {
    parts.push(
      `### ${count} × ${cause}`,
      `${what} Fix: ${fix}`,
      ['```', ...examples.map((example) => example.replaceAll('```', "'''")), '```'].join('\n'),
    )
  }
  if (notRehearsed.length > 0) {
    parts.push('## Not rehearsed', notRehearsed.map((gap) => `- ${gap}`).join('\n'))
  }
  return `${parts.join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

interface Case {
  readonly suite: string
  readonly name: string
  readonly ms: number
  readonly failure?: { readonly message: string; readonly detail: string }
}

/** One case for the requests, one for each cause that was found, one for each release. */
function renderJunit(report: Report): string {
  const { requests, deployments, findings, durationMs } = report
  const lost = `${requests.failed} of ${requests.total} requests failed`
  const cases: readonly Case[] = [
    {
      suite: 'rehearsal.requests',
      name: 'no request is lost',
      ms: durationMs,
      ...(report.verdict === 'pass'
        ? {}
        : { failure: { message: `the verdict is fail: ${lost}`, detail: '' } }),
    },
    ...findings.map(({ cause, count, what, fix, examples }) => ({
      suite: 'rehearsal.findings',
      name: cause,
      ms: 0,
      failure: { message: `${count} × ${what}`, detail: [`Fix: ${fix}`, ...examples].join('\n') },
    })),
    ...deployments.map((each) => ({
      suite: 'rehearsal.releases',
      name: `${each.kind} ${each.target} ${each.to} ${each.expectation}`,
      ms: each.durationMs,
      ...(each.asExpected ? {} : { failure: { message: each.message ?? each.status, detail: '' } }),
    })),
  ]
  const failures = cases.filter(({ failure }) => failure !== undefined).length
  const counts = `tests="${cases.length}" failures="${failures}" time="${(durationMs / 1000).toFixed(3)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="rehearsal" ${counts}>`,
    `  <testsuite name="rehearsal" ${counts}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function caseLines({ suite, name, ms, failure }: Case): string[] {
  const open = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${(ms / 1000).toFixed(3)}"`
  if (failure === undefined) return [`${open}/>`]
  return [
    `${open}>`,
    `      <failure message="${escaped(failure.message)}">${escaped(failure.detail)}</failure>`,
    '    </testcase>',
  ]
}

/** What XML 1.0 has no character for is replaced: https://www.w3.org/TR/xml/#charsets */
function escaped(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0
      const allowed =
        code === 9 || code === 10 || code === 13 || (code >= 32 && code !== 0xfffe && code !== 0xffff)
      return allowed && !(code >= 0xd800 && code <= 0xdfff) ? character : '\u{fffd}'
    })
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
