/** The documents say what is there: every command, the configuration as it stands, files that exist. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const read = (name: string) => readFileSync(path(name), 'utf8')

const help = execFileSync(process.execPath, [path('packages/cli/bin/baton.js'), '--help'], {
  encoding: 'utf8',
})
const commands = [...help.matchAll(/^ {2}([a-z]+) .*? {2}/gm)]
  .map(([, name]) => name)
  .filter((name) => name !== 'help')
  .sort()

for (const readme of ['README.md', 'README.ko.md']) {
  test(`${readme} lists the commands that there are`, () => {
    const listed = [...read(readme).matchAll(/^\| `baton ([a-z]+)` \|/gm)].map(([, name]) => name).sort()
    assert.ok(commands.length > 5, 'the help has been read')
    assert.deepEqual(listed, commands)
  })

  test(`${readme} shows baton.config.ts as it stands`, () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(read(readme))?.[1]
    assert.equal(shown, read('examples/accounts/baton.config.ts'))
  })
}

const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: path('.') })

test('links between the documents lead to files that are there', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !existsSync(path(join(dirname(page), link))))
      .map((link) => `${page}: ${link}`),
  )
  assert.deepEqual(broken, [])
})
