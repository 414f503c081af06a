/**
 * A rehearsal that cannot say no is worth nothing: each known mistake has to end with `fail`, a status that is not
 * zero, and the right cause.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type MistakeName, mistakes, type Report } from '../../packages/rehearsal/src/index.ts'
import { sample } from '../runner/tiers.ts'
import { plainSites } from './plain-sites.ts'
import { openWorkspace, repository } from './workspace.ts'

/** Requests per second: enough that the mistake affects some for certain. */
const rates: Readonly<Record<MistakeName, number>> = {
  'short-keep-alive': 100,
  'default-keep-alive': 60,
  'swallows-sigterm': 60,
  'ready-too-early': 80,
  'ignores-sigterm-order': 300,
  'deletes-old-assets': 80,
  'contract-too-early': 80,
  'unattached-green': 80,
}

describe('a rehearsal refuses', () => {
  // Each takes about half a minute: `npm test` runs one of them, `npm run test:all` the others.
  for (const [mistake, rate] of sample(Object.entries(rates), { core: 1, seed: 3 }))
    test(mistake, { timeout: 300_000 }, (t) => refuses(t, mistake as MistakeName, rate))
})

async function refuses(t: TestContext, mistake: MistakeName, rate: number): Promise<void> {
  const { causes }: { readonly causes: readonly string[] } = mistakes[mistake]
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
  // Every task has this fault all the time: another cause would be a fault of the emulator.
  if (mistake.endsWith('keep-alive'))
    for (const cause of Object.keys(byCause))
      assert.ok(['status-502', 'early-idle-close'].includes(cause), cause)
  assert.match(ended.stdout, /FAIL/)
  assert.match(ended.stdout, /Fix: /)
  await workspace.nothingLeft()
}
