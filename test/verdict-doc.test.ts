/** docs/verdict.md explains each cause of failure in the words of the verdict itself, and names every mistake. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { mistakes } from '../packages/rehearsal/src/index.ts'
import { explanations } from '../packages/rehearsal/src/verdict/findings.ts'

const file = new URL('../docs/verdict.md', import.meta.url)
const text = readFileSync(file, 'utf8')

const table = [
  '| cause | meaning | fix |',
  '|---|---|---|',
  ...Object.entries(explanations).map(([cause, { what, fix }]) => `| \`${cause}\` | ${what} | ${fix} |`),
].join('\n')

test('docs/verdict.md has the explanations of the verdict (UPDATE_GOLDEN=1 writes them)', () => {
  const [written] = /^\| cause \| meaning \| fix \|\n(?:\|.*\n?)*/m.exec(text) ?? []
  assert.ok(written, 'there is a table of causes')
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text.replace(written.trimEnd(), table))
  else assert.equal(written.trimEnd(), table)
})

test('docs/verdict.md names every mistake, and the causes that its rehearsal must find', () => {
  for (const [name, { causes }] of Object.entries(mistakes)) {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? ''
    assert.notEqual(row, '', `there is a row for ${name}`)
    for (const cause of causes) assert.ok(row.includes(`\`${cause}\``), `${name}: ${cause}`)
  }
})
