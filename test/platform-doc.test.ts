/** docs/platform.md explains every resource type that a platform with everything in it becomes. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

/** Types by the addresses `bootstrap aws_lb.main`, `platform data.aws_route53_zone.main`. */
const synthesized = new Set(
  read('packages/infra/src/addresses.golden.txt')
    .split('\n')
    .flatMap((line) => /^\w+ (?:data\.|ephemeral\.)?(\w+)\./.exec(line)?.[1] ?? []),
)
const explained = new Set([...read('docs/platform.md').matchAll(/\baws_\w+/g)].map(([type]) => type))

test('every resource type of a platform is explained', () => {
  assert.ok(synthesized.size > 50, 'the golden list has been read')
  const missing = [...synthesized].filter((type) => !explained.has(type))
  assert.deepEqual(missing, [], 'say in docs/platform.md why each is there and what shapes it')
})

test('no resource type is explained that no platform has', () => {
  const gone = [...explained].filter((type) => !synthesized.has(type))
  assert.deepEqual(gone, [])
})
