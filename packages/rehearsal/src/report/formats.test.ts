import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportFormats } from './formats.ts'
import type { Report } from './report.ts'

const passed: Report = {
  verdict: 'pass',
  durationMs: 52_000,
  speed: 60,
  requests: { total: 9_000, perSecond: 300, failed: 0, byCause: {} },
  phases: [
    {
      name: 'release v2',
      durationMs: 12_000,
      predictedAwsDurationMs: 400_000,
      requests: 3_000,
      failed: 0,
      latencyMs: { p50: 12.34, p90: 20, p99: 51, max: 90 },
    },
  ],
  deployments: [
    {
      kind: 'service',
      target: 'admin',
      from: 'v1',
      to: 'v2',
      status: 'Succeeded',
      rolledBack: false,
      expected: 'released',
      expectation: 'was to be released',
      asExpected: true,
      durationMs: 11_000,
      predictedAwsDurationMs: 390_000,
      steps: [],
    },
  ],
  versions: [],
  findings: [],
  notRehearsed: ['RDS fail-over'],
}
const failed: Report = {
  ...passed,
  verdict: 'fail',
  requests: { ...passed.requests, failed: 3, byCause: { 'status-502': 3 } },
  deployments: passed.deployments.map((each) => ({
    ...each,
    asExpected: false,
    message: 'Stopped: <an alarm> & more',
  })),
  findings: [
    {
      cause: 'status-502',
      count: 3,
      what: 'A task closed a connection.',
      fix: 'Set the "keep-alive" time-out.',
      examples: ['GET /a?b=1&c=<d> \u0000 | ``` 502'],
    },
  ],
}
const render = (ending: string, report: Report) => reportFormats[ending]?.(report) ?? assert.fail(ending)

test('JSON is the report itself', () => {
  assert.deepEqual(JSON.parse(render('.json', failed)), failed)
})

test('Markdown has the verdict, the phases, the deployments and the findings', () => {
  const text = render('.md', failed)
  assert.match(text, /^# Rehearsal: FAIL\n/)
  assert.match(text, /\| release v2 \| 12\.0 s \| 400\.0 s \| 3000 \| 0 \| 12\.3 \| 51\.0 \| 90\.0 \|/)
  assert.match(text, /\| service admin \| v1 \| v2 \| Succeeded \| no: was to be released \|/)
  assert.match(text, /### 3 × status-502/)
  assert.equal(text.match(/^```$/gm)?.length, 2, 'an example does not end its block')
  assert.match(render('.md', passed), /# Rehearsal: PASS[\s\S]*- RDS fail-over/)
  assert.doesNotMatch(render('.md', passed), /## Findings/)
})

test('JUnit’s XML is well formed whatever clients saw, and counts what failed', () => {
  const text = render('.xml', failed)
  assert.deepEqual(openTags(text), [])
  assert.ok(!text.includes('\u0000'))
  assert.match(text, /<testsuites name="rehearsal" tests="3" failures="3" time="52\.000">/)
  assert.deepEqual(
    [...text.matchAll(/<testcase classname="[\w.]+" name="([^"]+)"/g)].map(([, name]) => name),
    ['no request is lost', 'status-502', 'service admin v2 was to be released'],
  )
  assert.match(text, /Stopped: &lt;an alarm&gt; &amp; more/)
  assert.match(render('.xml', passed), /tests="2" failures="0"/)
})

/** Tags that are not closed, after every other character has been found to be one that XML admits as text. */
function openTags(xml: string): string[] {
  const open: string[] = []
  const rest = xml.replaceAll(
    /<(\/?)(\w+)((?: [\w]+="[^"<]*")*)(\/?)>/g,
    (_, end, name, _attributes, empty) => {
      if (end) assert.equal(open.pop(), name)
      else if (!empty) open.push(name)
      return ''
    },
  )
  const text = rest.replace('<?xml version="1.0" encoding="UTF-8"?>', '')
  assert.doesNotMatch(text, /[<>]|&(?!(amp|lt|gt|quot);)/)
  return open
}
