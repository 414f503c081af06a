/** Faults of the machine and of the state directory, as a user meets them: what is said, and what others can read. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type EmulatorError, startEmulator } from '@baton/emulator/client'

const client = fileURLToPath(import.meta.resolve('@baton/emulator/client'))

async function directory(t: TestContext): Promise<string> {
  const stateDir = join(await mkdtemp(join(tmpdir(), 'baton-faults-')), 'emulator')
  t.after(() => rm(join(stateDir, '..'), { recursive: true, force: true }))
  return stateDir
}

/** Paths below the directory, and itself, that other users may read, write or list. */
function openToOthers(path: string): string[] {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return []
  const inside = found.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : []
  // Root's directories let a server of another user pass through to its data.
  const allowed = found.isDirectory() && process.getuid?.() === 0 ? 0o011 : 0
  return [...((found.mode & 0o077 & ~allowed) === 0 ? [] : [path]), ...inside.flatMap(openToOthers)]
}

describe('the state directory', { timeout: 120_000 }, () => {
  test('is its user’s alone, that of an earlier version too', async (t) => {
    const stateDir = await directory(t)
    await mkdir(join(stateDir, 'state', 'tasks'), { recursive: true })
    await writeFile(join(stateDir, 'state', 'logs.sqlite'), '')
    for (const path of [stateDir, join(stateDir, 'state'), join(stateDir, 'state', 'tasks')])
      await chmod(path, 0o755)
    await chmod(join(stateDir, 'state', 'logs.sqlite'), 0o644)
    const emulator = await startEmulator({ stateDir })
    t.after(() => emulator.stop())
    assert.deepEqual(openToOthers(stateDir), [])
  })

  test('with a damaged document is refused by the name of the file, with the way out', async (t) => {
    const stateDir = await directory(t)
    await (await startEmulator({ stateDir })).stop()
    const database = new DatabaseSync(join(stateDir, 'state', 'emulator.sqlite'))
    database.exec("INSERT INTO document VALUES ('ecs.tasks', 'one', 'no JSON')")
    database.close()
    await assert.rejects(startEmulator({ stateDir }), (error: EmulatorError) => {
      assert.match(
        error.message,
        /state\/emulator\.sqlite is damaged: its document "one" of ecs\.tasks is not JSON\.$/,
      )
      assert.match(error.fix, /baton down --destroy/)
      return true
    })
  })

  test('with damaged log events is refused when it starts, by the name of the file, with the way out', async (t) => {
    const stateDir = await directory(t)
    await (await startEmulator({ stateDir })).stop()
    const file = join(stateDir, 'state', 'logs.sqlite')
    const database = new DatabaseSync(file)
    const insert = database.prepare("INSERT INTO event VALUES (NULL, 'g', 's', ?, 0, ?)")
    for (let at = 0; at < 500; at++) insert.run(at, 'x'.repeat(500))
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    database.close()
    const pages = await open(file, 'r+')
    await pages.write(Buffer.alloc(8_192, 0xff), 0, 8_192, 20 * 4_096)
    await pages.close()
    await assert.rejects(startEmulator({ stateDir }), (error: EmulatorError) => {
      assert.match(error.message, /state\/logs\.sqlite is damaged/)
      assert.match(error.fix, /baton down --destroy/)
      return true
    })
  })

  test('that cannot be written is refused with its name and the way out', {
    skip: process.platform !== 'linux' && 'the user is changed by setpriv or not at all',
  }, async (t) => {
    const stateDir = await directory(t)
    await mkdir(stateDir)
    await chmod(join(stateDir, '..'), 0o755)
    await chmod(stateDir, 0o555)
    const program = `
      import { startEmulator } from ${JSON.stringify(client)}
      await startEmulator({ stateDir: ${JSON.stringify(join(stateDir, 'emulator'))} }).then(
        (emulator) => emulator.stop(),
        (error) => console.log(error.message, 'Fix:', error.fix))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: process.env.PATH, HOME: tmpdir() },
      // Root may write everywhere.
      ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    })
    assert.match(stdout, /EACCES|cannot be written|not writable/, stderr)
    assert.match(stdout, /emulator/)
    assert.match(stdout, /Fix: ./)
    assert.doesNotMatch(stdout, /\n\s+at /)
  })
})

test('too low a limit of open files is named, with its fix', {
  skip: process.platform !== 'linux' && 'the limit is read from /proc',
}, async (t) => {
  const stateDir = await directory(t)
  const program = `
    import { startEmulator } from ${JSON.stringify(client)}
    await startEmulator({ stateDir: ${JSON.stringify(stateDir)} }).then(
      (emulator) => emulator.stop(),
      (error) => console.log(error.message, error.fix))`
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"', process.execPath, program],
    { encoding: 'utf8', timeout: 60_000 },
  )
  assert.match(stdout, /^The emulator may open too few files: 64\. Raise the limit .*ulimit -n 4096/)
})
