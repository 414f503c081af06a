/** The documents say what is there: every command, the configuration of the sample, files and headings that exist. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { commands } from '../packages/cli/src/program.ts'
import { anchorOf, headingsOf, pages, path, read } from './documents.test-kit.ts'

for (const readme of ['README.md', 'README.ko.md']) {
  test(`${readme} lists the commands that there are`, () => {
    const listed = [...read(readme).matchAll(/^\| `baton ([a-z]+)` \|/gm)].map(([, name]) => name)
    assert.deepEqual(listed, Object.keys(commands))
  })

  test(`${readme} shows the configuration of the sample as it is`, () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(read(readme))?.[1]
    assert.equal(shown, read('examples/accounts/baton.config.ts'))
  })
}

test('links between the documents lead to files and headings that are there', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(([, file, anchor]) => {
      const target = file ? join(dirname(page), file) : page
      if (!existsSync(path(target))) return [`${page}: ${file}`]
      const found = anchor === undefined || headingsOf(read(target)).map(anchorOf).includes(anchor)
      return found ? [] : [`${page}: ${target}#${anchor}`]
    }),
  )
  assert.deepEqual(broken, [])
})

test('paths into the packages that the documents name are there', () => {
  const missing = pages
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) =>
      [...read(page).matchAll(/`((?:packages|examples|test|bench)\/[\w./-]*\w\/?)`/g)]
        .map(([, named = '']) => named)
        .filter((named) => !existsSync(path(named)) && !planned.has(named))
        .map((named) => `${page}: ${named}`),
    )
  assert.deepEqual(missing, [])
})

/** What the tutorial and CONTRIBUTING.md have their readers add. */
const planned = new Set([
  'examples/shop',
  'packages/emulator/src/services/elbv2/resources/trust-store.ts',
  'packages/cli/src/commands/logs.ts',
  'packages/rehearsal/src/faults/slow-start.js',
])

test('npm run baton calls the command with the configuration of the sample', () => {
  const printed = execFileSync('npm', ['run', '--silent', 'baton', '--', 'check', '--json'], {
    cwd: path('.'),
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  assert.equal(JSON.parse(printed).summary.errors, 0)
})
