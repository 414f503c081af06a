/** Archives of functions: what they may write, and where. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type Zippable, zipSync } from 'fflate'
import { unpack } from './archive.ts'

let parent: string
let root: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'baton-archive-'))
  root = join(parent, 'lambda')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const bytes = (text: string) => new TextEncoder().encode(text)
const unpacked = async (files: Zippable) => (await unpack(zipSync(files), root)).directory
const invalid = (message: RegExp) => (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'InvalidParameterValueException' &&
  message.test(error.message)
/** Nothing was written outside, and nothing partial is left. */
const nothingLeft = () => {
  assert.deepEqual(
    readdirSync(parent).filter((name) => name !== 'lambda'),
    [],
  )
  assert.deepEqual(existsSync(root) ? readdirSync(root) : [], [])
}

test('writes files and folders below its own folder', async () => {
  const directory = await unpacked({
    'index.mjs': bytes('a'),
    lib: { 'b.js': bytes('b') },
    'empty/': new Uint8Array(),
  })
  assert.equal(readFileSync(join(directory, 'lib', 'b.js'), 'utf8'), 'b')
  assert.ok(lstatSync(join(directory, 'empty')).isDirectory())
})

for (const name of ['../out.js', 'a/../../out.js', '/tmp/baton-out.js', '..', '.', './']) {
  test(`refuses an entry named ${name}, and leaves nothing`, async () => {
    await assert.rejects(unpacked({ 'index.js': bytes('a'), [name]: bytes('x') }), invalid(/outside of it/))
    nothingLeft()
  })
}

test('an entry that is a link or a device becomes a plain file without permission to run', async () => {
  const mode = (bits: number) => ({ os: 3, attrs: (bits << 16) >>> 0 })
  const directory = await unpacked({
    link: [bytes('/etc/passwd'), mode(0o120777)],
    device: [bytes(''), mode(0o020666)],
    program: [bytes('x'), mode(0o104755)],
  })
  for (const name of ['link', 'device', 'program']) {
    const stats = lstatSync(join(directory, name))
    assert.ok(stats.isFile(), name)
    assert.equal(stats.mode & 0o7111, 0, name)
    assert.equal(stats.nlink, 1, name)
  }
  assert.equal(readFileSync(join(directory, 'link'), 'utf8'), '/etc/passwd')
})

test('names that differ in case or in Unicode’s normal form are two files, or refused', async () => {
  const [composed, decomposed] = ['é'.normalize('NFC'), 'é'.normalize('NFD')]
  const files = { 'A.js': bytes('1'), 'a.js': bytes('2'), [composed]: bytes('3'), [decomposed]: bytes('4') }
  assert.equal(Object.keys(files).length, 4)
  const directory = await unpacked(files).catch((error) => {
    assert.ok(invalid(/where another entry is/)(error))
  })
  if (directory === undefined) return
  for (const [name, content] of Object.entries(files)) {
    assert.deepEqual(new Uint8Array(readFileSync(join(directory, name))), content)
  }
})

test('refuses an entry that is a file and a folder', async () => {
  for (const files of [
    { a: bytes('1'), 'a/b': bytes('2') },
    { 'a/b': bytes('1'), a: bytes('2') },
    { 'a/': new Uint8Array(), a: bytes('2') },
  ]) {
    await assert.rejects(unpacked(files), invalid(/where another entry is/))
    nothingLeft()
  }
})

test('refuses an entry that is larger than its declared size, instead of cutting it off', async () => {
  const archive = zipSync({ 'a.js': new Uint8Array(1_000_000) })
  const view = new DataView(archive.buffer, archive.byteOffset)
  for (let at = 0; at < archive.length - 30; at++) {
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 10, true)
  }
  await assert.rejects(unpack(archive, root), invalid(/Could not unzip/))
  nothingLeft()
})

test('refuses content that is not what its checksum says, and what is no archive', async () => {
  const archive = zipSync({ 'a.js': bytes('hello') }, { level: 0 })
  archive[Buffer.from(archive).indexOf('hello')] = 0x48
  await assert.rejects(unpack(archive, root), invalid(/Could not unzip/))
  await assert.rejects(unpack(bytes('no archive'), root), invalid(/Could not unzip/))
  nothingLeft()
})

/** The archive with another number in the record at its end. */
function withEnd(offset: number, value: number): Uint8Array {
  const archive = zipSync({ 'a.js': bytes('hello'), 'b.js': bytes('hello') })
  new DataView(archive.buffer, archive.byteOffset).setUint32(archive.length - 22 + offset, value, true)
  return archive
}

const damaged: Readonly<Record<string, Uint8Array>> = {
  'counts entries that are not there': withEnd(8, 0x0500_0500),
  'has its list past its end': withEnd(16, 0x7fff_ffff),
  'ends within its last record': zipSync({ 'a.js': bytes('a') }).subarray(0, -10),
  'has a zero byte in a name': zipSync({ 'a\0.js': bytes('a') }),
}

for (const [what, archive] of Object.entries(damaged)) {
  test(`refuses an archive that ${what}`, async () => {
    await assert.rejects(unpack(archive, root), invalid(/Could not unzip/))
    nothingLeft()
  })
}

test('refuses a name that the file system has no room for', async () => {
  await assert.rejects(unpacked({ ['a'.repeat(300)]: bytes('a') }), invalid(/has a name that is too long/))
  nothingLeft()
})

test('the same archive at the same time is unpacked once', async () => {
  const archive = zipSync({ 'a.js': bytes('a') })
  const [one, two] = await Promise.all([unpack(archive, root), unpack(archive, root)])
  assert.equal(one.directory, two.directory)
  assert.equal(readdirSync(root).length, 1)
})
