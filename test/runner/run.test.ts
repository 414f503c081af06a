/** The runner of the tests, run on folders of small test files: what it counts, what it kills, what it says. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runs, sample } from './tiers.ts'

const runner = resolve(import.meta.dirname, '../run.ts')

interface Ended {
  readonly code: number
  readonly output: string
  readonly last: string
}

/** Runs the runner on files of the given text, by their paths in a folder of its own. */
async function runOn(
  files: Readonly<Record<string, string>>,
  options: {
    readonly args?: readonly string[]
    readonly env?: Readonly<Record<string, string>>
    /** Looks at the folder before it is removed. */
    readonly after?: (root: string) => Promise<void>
  } = {},
): Promise<Ended> {
  const root = mkdtempSync(join(tmpdir(), 'baton-runner-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `import { test } from 'node:test'\n${text.replaceAll('ROOT', root)}`)
  }
  // Without it the runner believes that it is itself a test file that a runner runs.
  const { NODE_TEST_CONTEXT: _, CI: _ci, ...own } = process.env
  const env = { ...own, ...options.env }
  try {
    const ended = await new Promise<Ended>((done) => {
      const args = [runner, '--root', root, ...(options.args ?? [])]
      execFile(process.execPath, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`
        done({
          code: error ? Number(error.code) : 0,
          output,
          last: stdout.trimEnd().split('\n').at(-1) ?? '',
        })
      })
    })
    await options.after?.(root)
    return ended
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** Resolves when there is no such process; init may take a moment to reap an orphan. */
async function hasEnded(pid: number): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await sleep(20)) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
  }
  assert.fail(`process ${pid} is still there`)
}

const passes = `test('is right', () => {})`

test('counts what passed and what failed, and names the failure once more at the end', async () => {
  const { code, output, last } = await runOn({
    'test/good.test.ts': passes,
    'packages/a/src/bad.test.ts': `test('is wrong', () => { throw new Error('because') })`,
  })
  assert.equal(last, '1 passed, 1 failed')
  assert.equal(code, 1)
  assert.match(
    output.slice(output.indexOf('failing tests')),
    /packages\/a\/src\/bad\.test\.ts: is wrong\n +Error: because/,
  )
})

test('a file that waits for ever is killed, and its test is named', async () => {
  const { code, output, last } = await runOn(
    {
      'test/good.test.ts': passes,
      'test/hangs.test.ts': `${passes}\ntest('waits', () => new Promise(() => setInterval(() => {}, 1000)))`,
    },
    { args: ['--timeout', '3'] },
  )
  assert.equal(last, '2 passed, 1 failed')
  assert.equal(code, 1)
  assert.match(
    output,
    /hangs\.test\.ts: the file\n +did not end within 3 s and was killed\. Under way: “waits”/,
  )
})

test('a file that is stuck in a synchronous call is killed with the process that it called', async () => {
  const { last, output } = await runOn(
    {
      'test/stuck.test.ts': `import { execFileSync } from 'node:child_process'
        process.on('SIGTERM', () => {})
        test('calls', () => execFileSync('sh', ['-c', 'echo $$ > ROOT/pid; exec sleep 600']))`,
    },
    {
      args: ['--timeout', '3'],
      after: (root) => hasEnded(Number(readFileSync(join(root, 'pid'), 'utf8'))),
    },
  )
  assert.equal(last, '0 passed, 1 failed')
  assert.match(output, /did not end within 3 s and was killed/)
})

test('a file that fails before its first test, and one without a test, are failures', async () => {
  const { code, last, output } = await runOn({
    'test/throws.test.ts': `throw new Error('at once')`,
    'test/empty.test.ts': '',
  })
  assert.equal(code, 1)
  assert.match(last, /, 2 failed$/)
  assert.match(
    output.slice(output.indexOf('failing tests')),
    /throws\.test\.ts: the file[\s\S]*Error: at once/,
  )
})

test('a test that was not run is named with its reason', async () => {
  const skips = `test('needs it', { skip: 'skopeo is not installed' }, () => {})\n${passes}`
  const { code, output, last } = await runOn({ 'test/skips.test.ts': skips })
  assert.equal(last, '1 passed, 0 failed, 1 skipped')
  assert.equal(code, 0)
  assert.match(output, /not run:\n +skopeo is not installed:\n +test\/skips\.test\.ts: needs it/)
})

test('in CI a skipped test is a failure, unless it is about the system or a program that cannot be had', async () => {
  const skips = (reason: string) => ({
    'test/skips.test.ts': `test('needs it', { skip: '${reason}' }, () => {})\n${passes}`,
  })
  const ci = { CI: 'true', BATON_TEST_WITHOUT: 'terraform' }
  const lastOf = async (reason: string) => (await runOn(skips(reason), { env: ci })).last
  assert.equal(await lastOf('skopeo is not installed'), '1 passed, 1 failed, 1 skipped')
  assert.equal(await lastOf('only Linux has it'), '1 passed, 0 failed, 1 skipped')
  assert.equal(await lastOf('no Terraform is installed'), '1 passed, 0 failed, 1 skipped')
})

test('a run without a test file fails', async () => {
  const { code } = await runOn({}, { args: ['nothing-of-that-name'] })
  assert.equal(code, 1)
})

test('a path that is named is run in whatever tier it is', async () => {
  const { last } = await runOn(
    { 'test/journeys/long.test.ts': passes, 'test/other.test.ts': passes },
    { args: ['journeys/long'] },
  )
  assert.equal(last, '1 passed, 0 failed')
})

test('core and rest are all, and no file that is whole in core is in rest', () => {
  const files = [
    'test/journeys/up.test.ts',
    'test/journeys/rehearse.test.ts',
    'packages/a/src/b.test.ts',
    'test/a.long.test.ts',
  ]
  assert.deepEqual(
    files.filter((file) => runs('core', file)),
    [files[1], files[2]],
  )
  assert.deepEqual(
    files.filter((file) => runs('rest', file)),
    [files[0], files[3]],
  )
  assert.deepEqual(
    files.filter((file) => runs('all', file)),
    files,
  )
})

test('samples of one seed are the same, grow, and what core ran is not in rest', () => {
  const cases = Array.from({ length: 20 }, (_, index) => index)
  const sizes = { core: 3, all: 8, seed: 7 }
  const of = (tier: 'core' | 'rest' | 'all' | 'full') => sample(cases, sizes, tier)
  assert.deepEqual(of('all'), [...of('core'), ...of('rest')])
  assert.deepEqual([of('core').length, of('all').length, of('full')], [3, 8, cases])
  assert.equal(new Set(of('all')).size, 8)
  assert.notDeepEqual(sample(cases, { ...sizes, seed: 8 }, 'core'), of('core'))
})
