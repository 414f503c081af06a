/** The copy of PostgreSQL's programs in a directory that every user may write to. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { chmod, chown, cp, mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { copyForOthers } from './postgres-copy.ts'

let root: string
let source: string
/** In place of the system's temporary directory. */
let shared: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'baton-copy-test-'))
  source = join(root, 'native')
  shared = join(root, 'tmp')
  mkdirSync(join(source, 'bin'), { recursive: true })
  mkdirSync(shared)
  chmodSync(shared, 0o1777)
  return Promise.all([
    writeFile(join(source, 'bin', 'postgres'), 'the program', { mode: 0o700 }),
    writeFile(join(source, 'share'), 'data', { mode: 0o600 }),
  ])
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const copy = () => copyForOthers(source, shared, '17.10.0')
const modeOf = (path: string) => statSync(path).mode & 0o7777
const asRoot = { skip: userInfo().uid === 0 ? false : 'gives files to another user, which only root may' }

test('others can run the copy, not list it, and change nothing in it', async () => {
  const directory = await copy()
  assert.equal(modeOf(directory), 0o711)
  assert.equal(modeOf(join(directory, 'bin', 'postgres')), 0o755)
  assert.equal(modeOf(join(directory, 'share')), 0o644)
})

test('the second start uses the same copy', async () => {
  const first = await copy()
  const { ino } = statSync(join(first, 'bin', 'postgres'))
  assert.equal(await copy(), first)
  assert.equal(statSync(join(first, 'bin', 'postgres')).ino, ino)
})

test('a directory of the name that can be guessed is not used', async () => {
  await mkdir(join(shared, 'baton-postgres-17.10.0', 'bin'), { recursive: true })
  await writeFile(join(shared, 'baton-postgres-17.10.0', 'bin', 'postgres'), 'hostile')
  assert.equal(await readFile(join(await copy(), 'bin', 'postgres'), 'utf8'), 'the program')
})

test('a copy that another user prepared is not used, nor changed', asRoot, async () => {
  const bait = join(shared, 'baton-postgres-17.10.0-abcdef')
  await cp(source, bait, { recursive: true })
  await chmod(bait, 0o711)
  await chown(bait, 65_534, 65_534)
  const directory = await copy()
  assert.notEqual(directory, bait)
  assert.equal(lstatSync(bait).uid, 65_534)
})

test('a copy with an entry of another user is not used', asRoot, async () => {
  const first = await copy()
  await chown(join(first, 'bin', 'postgres'), 65_534, 65_534)
  assert.notEqual(await copy(), first)
})

test('a link in place of a copy or of a program is not followed', async () => {
  const secret = join(root, 'secret')
  await writeFile(secret, 'secret', { mode: 0o600 })
  symlinkSync(root, join(shared, 'baton-postgres-17.10.0-aaaaaa'))
  const first = await copy()
  rmSync(join(first, 'bin', 'postgres'))
  symlinkSync(secret, join(first, 'bin', 'postgres'))
  const second = await copy()
  assert.notEqual(second, first)
  assert.equal(modeOf(secret), 0o600)
})

test('a copy that others may write to, or that lost a file, is not used', async () => {
  const first = await copy()
  chmodSync(join(first, 'share'), 0o666)
  const second = await copy()
  assert.notEqual(second, first)
  rmSync(join(second, 'share'))
  assert.notEqual(await copy(), second)
})

test('a copy that was interrupted is not used, and removed after an hour', async () => {
  const partial = join(shared, 'baton-postgres-17.10.0-aaaaaa')
  await cp(source, partial, { recursive: true })
  await chmod(partial, 0o700)
  await copy()
  assert.ok(existsSync(partial), 'another start may be at work on it')
  const before = new Date(Date.now() - 2 * 60 * 60_000)
  await utimes(partial, before, before)
  await copy()
  assert.equal(existsSync(partial), false)
})

test('a directory in which others can replace files is refused with its fix', async () => {
  chmodSync(shared, 0o777)
  await assert.rejects(copy(), /other users may replace files there\. Fix: set TMPDIR/)
})
