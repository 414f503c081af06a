/** The Spring Boot example: built with Maven, and rehearsed as jars on the Java of this machine. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Report } from '../../packages/rehearsal/src/index.ts'
import { openWorkspace, repository } from './workspace.ts'

const missing = (['java', 'mvn'] as const).find((program) => spawnSync(program, ['-version']).error)
const skip = missing !== undefined && !process.env.CI ? `${missing} is not on this machine` : false

const workspace = openWorkspace()
after(() => workspace.close())

test('two Spring Boot applications pass a rehearsal as jars', { skip, timeout: 900_000 }, async (t) => {
  const folder = join(repository, 'examples/spring-boot')
  const built = spawnSync('mvn', ['--batch-mode', '--quiet', '--file', folder, 'package'], {
    encoding: 'utf8',
  })
  assert.equal(built.status, 0, `${built.stdout}${built.stderr}`)
  const file = join(workspace.root, 'report.json')
  const ended = await workspace.run('--config', join(folder, 'baton.config.ts'), 'rehearse', '--report', file)
  assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr.slice(-3_000)}`)
  const report: Report = JSON.parse(readFileSync(file, 'utf8'))
  t.diagnostic(`${report.requests.total} requests at ${report.requests.perSecond}/s, ${report.durationMs} ms`)
  assert.equal(report.verdict, 'pass')
  const seen = report.versions
    .filter(({ target }) => target.startsWith('service '))
    .map((span) => span.version)
  assert.deepEqual(seen.includes('v2') && seen.includes('v4') && !seen.includes('v3'), true, seen.join())
  await workspace.nothingLeft()
})
