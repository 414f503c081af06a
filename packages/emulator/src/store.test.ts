/** The store keeps what it acknowledged, whatever happens to the process. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openStore } from './store.ts'

interface Item {
  readonly name: string
}

test('finds its documents again, in the order in which their keys were first put', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-store-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'emulator.sqlite')
  const before = openStore(file)
  const items = before.collection<Item>('test.items')
  items.put('b', { name: 'first' })
  items.put('a', { name: 'second' })
  items.put('b', { name: 'changed' })
  items.put('gone', { name: 'third' })
  items.delete('gone')
  before.close()
  const after = openStore(file)
  t.after(() => after.close())
  assert.deepEqual(after.collection<Item>('test.items').entries(), [
    ['b', { name: 'changed' }],
    ['a', { name: 'second' }],
  ])
})

test('refuses what is damaged or of a newer format, and leaves it as it is', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-store-'))
  t.after(() => rm(folder, { recursive: true }))
  const damaged = join(folder, 'damaged.sqlite')
  await writeFile(damaged, 'no database at all, and longer than the header of one would be '.repeat(20))
  const newer = join(folder, 'newer.sqlite')
  const database = new DatabaseSync(newer)
  database.exec('CREATE TABLE of_tomorrow (x); PRAGMA user_version = 1000')
  database.close()
  for (const [file, message] of [
    [damaged, /damaged\.sqlite is damaged or not a database/],
    [newer, /newer\.sqlite has format 1000; this version of Baton knows up to \d+/],
  ] as const) {
    const before = await readFile(file)
    assert.throws(() => openStore(file), { name: 'StoreError', message })
    assert.deepEqual(await readFile(file), before)
  }
})

test('keeps all of a transaction or nothing', () => {
  const store = openStore(':memory:')
  const items = store.collection<Item>('test.items')
  items.put('a', { name: 'before' })
  assert.throws(() =>
    store.transaction(() => {
      items.put('a', { name: 'within' })
      items.put('b', { name: 'within' })
      throw new Error('in its middle')
    }),
  )
  assert.deepEqual(items.entries(), [['a', { name: 'before' }]])
  store.transaction(() => items.put('b', { name: 'after' }))
  assert.equal(items.get('b')?.name, 'after')
  store.close()
})

test('tells who keeps an index of a collection that a transaction was undone', () => {
  const store = openStore(':memory:')
  const items = store.collection<Item>('test.items')
  const others = store.collection<Item>('test.others')
  let index: string[] = []
  const build = () => {
    index = [...items.values(), ...others.values()].map(({ name }) => name)
  }
  items.onReload(build)
  items.put('a', { name: 'kept' })
  build()
  assert.throws(() =>
    store.transaction(() => {
      items.put('b', { name: 'within' })
      others.put('c', { name: 'within' })
      build()
      throw new Error('in its middle')
    }),
  )
  assert.deepEqual(index, ['kept'])
  store.close()
})

test('names the file when a page in its middle is damaged, or a document is not JSON', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-store-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'pages.sqlite')
  const written = openStore(file)
  const items = written.collection<Item>('test.items')
  for (let n = 0; n < 500; n++) items.put(`item-${n}`, { name: 'x'.repeat(200) })
  written.close()
  const bytes = await readFile(file)
  await writeFile(file, bytes.fill(0xff, 3 * 4096, bytes.length - 4096))
  const damaged = openStore(file)
  t.after(() => damaged.close())
  assert.throws(() => damaged.collection('test.items'), {
    name: 'StoreError',
    message: /pages\.sqlite is damaged/,
  })

  const other = join(folder, 'documents.sqlite')
  openStore(other).close()
  const database = new DatabaseSync(other)
  database.exec("INSERT INTO document VALUES ('test.items', 'one', '{ \"name\": ')")
  database.close()
  const broken = openStore(other)
  t.after(() => broken.close())
  assert.throws(() => broken.collection('test.items'), {
    name: 'StoreError',
    message: /documents\.sqlite is damaged: its document "one" of test\.items is not JSON/,
  })
})

test('undoes an inner transaction alone', () => {
  const store = openStore(':memory:')
  const items = store.collection<Item>('test.items')
  store.transaction(() => {
    items.put('a', { name: 'outer' })
    assert.throws(() =>
      store.transaction(() => {
        items.put('a', { name: 'inner' })
        items.put('b', { name: 'inner' })
        throw new Error('in its middle')
      }),
    )
    store.transaction(() => items.put('c', { name: 'inner' }))
  })
  assert.deepEqual(items.entries(), [
    ['a', { name: 'outer' }],
    ['c', { name: 'inner' }],
  ])
  store.close()
})

test('has every acknowledged write after the process was killed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-store-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'emulator.sqlite')
  const module = fileURLToPath(new URL('./store.ts', import.meta.url))
  const program = `
    import { openStore } from ${JSON.stringify(module)}
    const items = openStore(${JSON.stringify(file)}).collection('test.items')
    for (let n = 0; ; n++) {
      items.put('item-' + n, { name: 'x' })
      process.stdout.write(n + '\\n')
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.length > 2_000) child.kill('SIGKILL')
  })
  await ended
  const acknowledged = output.split('\n').slice(0, -1).length
  const store = openStore(file)
  t.after(() => store.close())
  const items = store.collection('test.items')
  for (let n = 0; n < acknowledged; n++)
    assert.ok(items.has(`item-${n}`), `item-${n} of ${acknowledged} is lost`)
})
