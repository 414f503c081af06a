import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expiredImages, parseLifecyclePolicy } from './lifecycle-policy.ts'
import type { StoredManifest } from './model.ts'

/** An image of so many days. */
const image = (digest: string, ageDays: number, ...tags: string[]): StoredManifest => ({
  repository: 'app',
  digest,
  mediaType: '',
  text: '',
  blobs: [],
  manifests: [],
  tags,
  pushedAt: -ageDays,
  sizeInBytes: 0,
})
const images = [
  image('new', 1, 'prod-3'),
  image('middle', 8, 'prod-2'),
  image('old', 20, 'prod-1', 'dev-1'),
  image('untagged-new', 2),
  image('untagged-old', 9),
]

const byAge = { countType: 'sinceImagePushed', countUnit: 'days' }
const cases: [name: string, selections: object[], expired: string[]][] = [
  ['untagged images by age', [{ tagStatus: 'untagged', ...byAge, countNumber: 7 }], ['untagged-old']],
  [
    'all but the newest',
    [{ tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 3 }],
    ['untagged-old', 'old'],
  ],
  [
    'tags by prefix',
    [{ tagStatus: 'tagged', tagPrefixList: ['prod-'], ...byAge, countNumber: 7 }],
    ['middle', 'old'],
  ],
  [
    'only images that every pattern finds',
    [{ tagStatus: 'tagged', tagPatternList: ['prod*', '*ev-*'], ...byAge, countNumber: 7 }],
    ['old'],
  ],
  [
    'an image is judged by the first rule that selects it',
    [
      { tagStatus: 'tagged', tagPrefixList: ['prod-'], countType: 'imageCountMoreThan', countNumber: 3 },
      { tagStatus: 'any', ...byAge, countNumber: 7 },
    ],
    ['untagged-old'],
  ],
]

for (const [name, selections, expired] of cases) {
  test(`life-cycle rules expire ${name}`, () => {
    const rules = selections.map((selection, index) => ({
      rulePriority: index + 1,
      selection,
      action: { type: 'expire' },
    }))
    const policy = parseLifecyclePolicy(JSON.stringify({ rules }))
    const found = expiredImages(policy, images, ({ pushedAt }) => -pushedAt)
    assert.deepEqual(
      found.map(({ digest }) => digest),
      expired,
    )
  })
}
