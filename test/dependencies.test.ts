/**
 * What may import what: packages along the arrows of docs/architecture.md, no file out of its package, and no circle
 * between the folders of a package. Read from the syntax of the sources (`import-graph.ts`); that no circle is between
 * files checks Biome, that nothing is unused or undeclared checks Knip (`unused.test.ts`).
 */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { test } from 'node:test'
import { circularArrows, type Import, readImports } from './import-graph.ts'

const root = resolve(import.meta.dirname, '..')
const folders = globSync(['packages/*', 'examples/*/apps/*'], { cwd: root }).map((path) =>
  path.split(sep).join('/'),
)
const imports = readImports(
  root,
  folders.map((folder) => `${folder}/**/*.{ts,tsx}`),
)

/** Who may import whom: the table of docs/architecture.md. */
const arrows: Record<string, readonly string[]> = {
  config: [],
  image: [],
  emulator: [],
  terraform: [],
  infra: ['config'],
  release: ['config', 'image'],
  rehearsal: ['config', 'image', 'infra', 'emulator', 'release'],
  cli: ['config', 'image', 'infra', 'emulator', 'rehearsal', 'release', 'terraform'],
}

test('packages import each other only along the arrows of the design', () => {
  const wrong = imports.flatMap(({ from, to }) => {
    const importing = /^packages\/([^/]+)\//.exec(from)?.[1]
    const imported = /^@baton\/([^/]+)/.exec(to)?.[1]
    if (imported === undefined || imported === importing) return []
    return importing !== undefined && arrows[importing]?.includes(imported) ? [] : [`${from} imports ${to}`]
  })
  assert.deepEqual(wrong, [])
})

test('no file reaches out of its package', () => {
  const wrong = imports.filter((each) => {
    const folder = folders.find((path) => each.from.startsWith(`${path}/`))
    return each.relative && !each.to.startsWith(`${folder}/`)
  })
  assert.deepEqual(wrong, [])
})

/** What of a package is product, between folders: neither tests nor what only they use. */
function productOf(name: string): Import[] {
  const isOfTests = (file: string) => /\.test(-kit)?\.ts$/.test(file)
  return imports.filter(
    (each) =>
      each.relative &&
      each.from.startsWith(`packages/${name}/src/`) &&
      !isOfTests(each.from) &&
      !isOfTests(each.to),
  )
}

/**
 * A folder is a floor. So is each file right below `src`, where both what all folders stand on and what puts them
 * together is, and each `contract.ts`: it is what other services see of one.
 */
function floorOf(file: string): string {
  return /^packages\/[^/]+\/src\/[^/]+$|\/contract\.ts$/.test(file) ? file : dirname(file)
}

for (const name of Object.keys(arrows)) {
  test(`no circle is between the folders of ${name}`, () => {
    const circular = circularArrows(productOf(name), floorOf)
    assert.deepEqual(
      circular.map(({ from, to, because }) => `${from} → ${to}: ${because}`),
      [],
    )
  })
}

test('a circle is found between folders, over several of them, and not where arrows run one way', () => {
  const of = (...pairs: [string, string][]) =>
    circularArrows(
      pairs.map(([from, to]) => ({ from, to, relative: true })),
      dirname,
    ).map(({ from, to }) => `${from} → ${to}`)
  assert.deepEqual(of(['a/x', 'b/x'], ['b/y', 'c/x'], ['a/y', 'c/x']), [])
  assert.deepEqual(of(['a/x', 'b/x'], ['b/y', 'c/x'], ['c/y', 'a/z'], ['d/x', 'a/x']), [
    'a → b',
    'b → c',
    'c → a',
  ])
  assert.deepEqual(of(['a/x', 'a/y']), [])
})
