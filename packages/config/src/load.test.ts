import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { loadPlatform } from './load.ts'
import { ConfigurationError } from './problems.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-load-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function problemOf(path: string): Promise<string> {
  const error: unknown = await loadPlatform(path).then(
    () => undefined,
    (reason) => reason,
  )
  assert.ok(error instanceof ConfigurationError, String(error))
  assert.ok(error.problems.every(({ fix }) => fix.length > 0))
  return error.message
}

test('loads the platform of this repository', async () => {
  const platform = await loadPlatform(
    resolve(import.meta.dirname, '../../../examples/accounts/baton.config.ts'),
  )
  assert.equal(platform.name, 'keencho-production')
  assert.deepEqual(
    platform.services.map(({ name, traffic }) => [name, ...(traffic?.hosts ?? [])]),
    [
      ['admin', 'app-admin.keencho.com'],
      ['user', 'app-user.keencho.com'],
    ],
  )
})

test('says that a file is missing, or is a folder', async () => {
  assert.match(await problemOf(join(folder, 'none.ts')), /there is no file .*none\.ts/)
  assert.match(await problemOf(folder), /is not a file/)
})

test('says where a syntax error is', async () => {
  assert.match(
    await problemOf(file('syntax.ts', 'export default {\n  a: 1,\n  b: = 3\n}\n')),
    /syntax\.ts:3: /,
  )
})

test('says what an import is missing', async () => {
  assert.match(
    await problemOf(file('import.ts', 'import x from "./nothing.ts"\nexport default x\n')),
    /nothing\.ts/,
  )
})

test('says where a file threw', async () => {
  const path = file('throws.ts', 'const a: any = undefined\nexport default a.b\n')
  assert.match(await problemOf(path), /throws\.ts:2: Cannot read properties/)
})

test('says that the default export is missing, or is not an object', async () => {
  assert.match(await problemOf(file('named.ts', 'export const platform = {}\n')), /no default export/)
  assert.match(await problemOf(file('text.ts', 'export default "keencho"\n')), /a platform is an object/)
})

test('reads a file again after it was changed', async () => {
  const path = file('changing.ts', 'export default 1\n')
  assert.match(await problemOf(path), /a platform is an object/)
  await new Promise((done) => setTimeout(done, 20))
  writeFileSync(path, 'export default { project: "Bad" }\n')
  assert.match(await problemOf(path), /project: "Bad"/)
})
