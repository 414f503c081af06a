/**
 * Surroundings in which a developer may start the emulator: a path with spaces and Korean letters, another TMPDIR,
 * NODE_OPTIONS, a user that is not root, a machine without IPv6. Nothing of it changes what a command does or says.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../bin/baton.js', import.meta.url))
const client = import.meta.resolve('@baton/emulator/client')
const isRoot = process.getuid?.() === 0
const otherUser = 65_534

/** Starts an emulator that outlives it, with a database, an object and a function in it. */
const start = `
  import { mkdirSync, writeFileSync } from 'node:fs'
  import { startEmulator } from ${JSON.stringify(client)}
  mkdirSync('.baton 상태/스택', { recursive: true })
  writeFileSync('.baton 상태/스택/시작.html', '<p>안녕</p>')
  const resource = {
    aws_s3_bucket: { b: { bucket: 'surroundings' } },
    aws_s3_object: { o: { bucket: '\${aws_s3_bucket.b.bucket}', key: '시작.html', source: '시작.html' } },
    aws_db_instance: { d: {
      identifier: 'surroundings', engine: 'postgres', engine_version: '17', instance_class: 'db.t4g.micro',
      allocated_storage: 20, username: 'owner', password: 'surroundings', skip_final_snapshot: true } },
  }
  writeFileSync('.baton 상태/스택/cdk.tf.json', JSON.stringify({ resource }))
  const emulator = await startEmulator({ stateDir: '.baton 상태/emulator', speed: 600, detached: true })
  try {
    await emulator.apply('.baton 상태/스택', { stack: 'platform' })
  } catch (error) {
    await emulator.stop()
    throw error
  }`

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  /** A shell's words before the command. */
  readonly prefix?: string
}

function workAndLeave(t: TestContext, { env = {}, uid, prefix = 'exec' }: Surroundings): string {
  const root = mkdtempSync(join(tmpdir(), 'baton-surroundings-'))
  const project = join(root, '내 프로젝트 (1)')
  const temporary = join(root, 'another tmp')
  for (const folder of [project, temporary]) {
    mkdirSync(folder)
    if (uid !== undefined) chownSync(folder, uid, uid)
  }
  chmodSync(root, 0o755)
  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', `${prefix} "$0" "$@"`, process.execPath, ...args],
      {
        cwd: project,
        encoding: 'utf8',
        timeout: 60_000,
        env: { PATH: process.env.PATH, HOME: temporary, TMPDIR: temporary, ...env },
        ...(uid === undefined ? {} : { uid, gid: uid }),
      },
    )
    return { status, stdout, stderr }
  }
  const baton = (...args: string[]) => node(command, '--state-dir', '.baton 상태', ...args)
  t.after(() => {
    baton('down', '--destroy')
    rmSync(root, { recursive: true, force: true })
  })
  const started = node('--input-type=module', '--eval', start)
  assert.equal(started.status, 0, started.stderr)
  const shell = baton('env')
  assert.equal(shell.status, 0, shell.stderr)
  assert.match(shell.stdout, /^export AWS_ENDPOINT_URL='http:\/\/localhost:\d+'$/m)
  assert.match(
    shell.stdout,
    new RegExp(`'${project.replace(/[()]/g, '\\$&')}/\\.baton 상태/emulator/.*\\.(crt|pem)'`),
  )
  const down = baton('down', '--destroy')
  assert.deepEqual(
    [down.status, down.stdout],
    [0, 'The emulator has stopped; its state is deleted.\n'],
    down.stderr,
  )
  const again = baton('env')
  assert.equal(again.status, 1)
  assert.match(again.stderr, /No emulator runs in .*내 프로젝트 \(1\)\/\.baton 상태/)
  assert.match(again.stderr, /Fix: .*baton up/)
  assert.deepEqual(
    readdirSync(temporary).filter((name) => !/^baton-postgres-|^node-|^\.cache$/.test(name)),
    [],
  )
  return project
}

test('a path with spaces and Korean letters, another TMPDIR, NODE_OPTIONS', { timeout: 120_000 }, (t) => {
  workAndLeave(t, { env: { NODE_OPTIONS: '--max-old-space-size=2048 --no-warnings' } })
})

test('a user that is not root owns all that is kept', {
  timeout: 120_000,
  skip: !isRoot && 'every other test is one of it',
}, (t) => {
  const project = workAndLeave(t, { uid: otherUser })
  assert.equal(statSync(join(project, '.baton 상태')).uid, otherUser)
})

test('a machine without IPv6', {
  timeout: 120_000,
  skip: (!isRoot || process.platform !== 'linux') && 'only root can create such a network',
}, async (t) => {
  const network =
    'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 && ip link set lo up && echo ready && exec sleep 300'
  const holder = spawn('unshare', ['--net', 'sh', '-c', network], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => holder.kill('SIGKILL'))
  const ready = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])
  if (String(ready[0]).trim() !== 'ready') return t.skip('no network can be created here')
  workAndLeave(t, { prefix: `exec nsenter --target ${holder.pid} --net` })
})
