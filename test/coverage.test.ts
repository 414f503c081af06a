/** docs/coverage says what the code does: no more, no less. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { coverageFolder, coveragePages } from '../packages/emulator/src/coverage/main.ts'
import { command } from '../packages/emulator/src/coverage/render.ts'
import { firstDifference } from './generated.test-kit.ts'

const servicesFolder = fileURLToPath(new URL('../packages/emulator/src/services', import.meta.url))
const pages = await coveragePages()

test('docs/coverage is what the services say of themselves now', () => {
  const written = readdirSync(coverageFolder).sort()
  assert.deepEqual(written, [...pages.keys()].sort(), `Write the pages again: ${command}`)
  const outdated = [...pages].flatMap(([name, text]) => {
    const differing = firstDifference(readFileSync(join(coverageFolder, name), 'utf8'), text)
    return differing === undefined ? [] : [`${name}: ${differing}`]
  })
  assert.deepEqual(outdated, [], `Write the pages again: ${command}`)
})

test('every service folder of the emulator has its page', () => {
  // A folder without an index.ts holds what several services use.
  const missing = readdirSync(servicesFolder).filter(
    (name) => existsSync(join(servicesFolder, name, 'index.ts')) && !pages.has(`${name}.md`),
  )
  assert.deepEqual(missing, [])
})
