/** docs/contract.md and its translation name every point of the contract, in the words of the check. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { contract } from '../packages/rehearsal/src/contract/subject/points.ts'

const rows = (file: string) =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `([\w-]+)` \| (.*?) \|/.exec(line)?.slice(1, 3) ?? [])

test('docs/contract.md has the demand of every point', () => {
  const demands = Object.entries(contract).flatMap(([name, { demand }]) => [name, demand])
  assert.deepEqual(
    rows('../docs/contract.md').map((text) => text.replaceAll('`', '').replaceAll("'", '’')),
    demands,
  )
})

test('docs/ko/contract.md has the same points', () => {
  const names = (file: string) => rows(file).filter((_, index) => index % 2 === 0)
  assert.deepEqual(names('../docs/ko/contract.md'), Object.keys(contract))
})
