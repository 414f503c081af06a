/** COVERAGE.md says what the code does: no more, no less. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { coverageFile, coveragePage } from '../packages/emulator/src/coverage/main.ts'
import { command } from '../packages/emulator/src/coverage/render.ts'

const servicesFolder = fileURLToPath(new URL('../packages/emulator/src/services', import.meta.url))

test('COVERAGE.md is what the services say of themselves now', () => {
  const differing = firstDifference(readFileSync(coverageFile, 'utf8'), coveragePage())
  assert.equal(differing, undefined, `COVERAGE.md is out of date: ${differing}. Write it anew: ${command}`)
})

test('every service folder of the emulator has its chapter', () => {
  const page = coveragePage()
  const missing = readdirSync(servicesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !page.includes(`\n### ${entry.name}\n`))
    .map((entry) => entry.name)
  assert.deepEqual(missing, [])
})

/** The place of the first line that differs: a diff of a thousand lines tells nobody anything. */
function firstDifference(written: string, current: string): string | undefined {
  const [old, now] = [written.split('\n'), current.split('\n')]
  const index = now.findIndex((line, at) => line !== old[at])
  if (index < 0 && old.length === now.length) return undefined
  const at = index < 0 ? now.length : index
  return `line ${at + 1} should be "${(now[at] ?? 'gone').slice(0, 200)}"`
}
