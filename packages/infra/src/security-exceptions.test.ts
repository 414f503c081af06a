/** The exceptions that a scanner is given are those that docs/security-exceptions.md explains. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('every check that is skipped is explained, and the other way round', () => {
  const skipped = [...read('packages/infra/checkov.yaml').matchAll(/^ {2}- (CKV\w+)$/gm)].map(([, id]) => id)
  const explained = [...read('docs/security-exceptions.md').matchAll(/^\| (CKV[^|]*)\|.*\|.*\|$/gm)].flatMap(
    ([, ids = '']) => ids.trim().split(', '),
  )
  assert.ok(skipped.length > 10)
  assert.deepEqual(skipped.toSorted(), explained.toSorted())
})
