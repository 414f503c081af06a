/**
 * A rehearsal that cannot say no is worth nothing: each known mistake has to end with `fail`, a status that is not
 * zero, and the right cause.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { Report } from '../../packages/rehearsal/src/index.ts'
import { sample } from '../runner/tiers.ts'
import { plainSites } from './plain-sites.ts'
import { openWorkspace, repository } from './workspace.ts'

interface Expected {
  readonly mistake: string
  /** Requests per second: enough that the mistake hits some for certain. */
  readonly rate: number
  /** Of these the verdict names at least one … */
  readonly causes: readonly string[]
  /** … and none but these. */
  readonly only?: readonly string[]
}

const mistakes: readonly Expected[] = [
  { mistake: 'short-keep-alive', rate: 100, causes: ['status-502'], only: ['status-502'] },
  {
    mistake: 'ignores-sigterm-order',
    rate: 300,
    causes: ['status-502', 'truncated-body', 'connection-error'],
  },
  { mistake: 'deletes-old-assets', rate: 80, causes: ['status-404', 'status-403'] },
  { mistake: 'unattached-green', rate: 80, causes: ['beyond-step', 'status-503', 'wrong-version'] },
]

describe('a rehearsal refuses', () => {
  // Each takes about half a minute: `npm test` runs one of them, `npm run test:all` the others.
  for (const expected of sample(mistakes, { core: 1, seed: 3 }))
    test(expected.mistake, { timeout: 300_000 }, (t) => refuses(t, expected))
})

async function refuses(t: TestContext, { mistake, rate, causes, only }: Expected): Promise<void> {
  const workspace = openWorkspace()
  t.after(() => workspace.close())
  const reportFile = join(workspace.root, 'report.json')
  const ended = await workspace.run(
    ...['--config', workspace.configure(plainSites), 'rehearse', '--mistake', mistake],
    ...['--traffic', join(repository, 'examples/accounts/baton.rehearsal.ts'), '--speed', '90'],
    ...['--rate', String(rate), '--report', reportFile],
  )
  assert.equal(ended.code, 1, ended.stderr)
  const report: Report = JSON.parse(readFileSync(reportFile, 'utf8'))
  const { byCause, failed } = report.requests
  const endings = report.deployments.map(({ target, to, status }) => `${target} ${to} ${status}`)
  t.diagnostic(`${(ended.durationMs / 1000).toFixed(1)} s, ${JSON.stringify(byCause)}, ${endings.join(', ')}`)
  assert.equal(report.verdict, 'fail')
  assert.equal(report.mistake, mistake)
  assert.ok(failed > 0, ended.stdout)
  assert.ok(
    causes.some((cause) => (byCause[cause] ?? 0) > 0),
    `it names ${JSON.stringify(byCause)} and none of ${causes.join(', ')}`,
  )
  if (only) assert.deepEqual(Object.keys(byCause), only)
  assert.match(ended.stdout, /FAIL/)
  assert.match(ended.stdout, /Fix: /)
  await workspace.nothingLeft()
}
