/** A log that cannot be written: the service goes on, in bounded memory, and says once what is wrong. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

const lines = 200_000
/** Each line has some 500 bytes: unbounded, one destination would hold 100 MB. */
const program = `
  import { createServer } from 'node:http'
  import { setImmediate } from 'node:timers/promises'
  import { createLog } from ${JSON.stringify(new URL('./logging.ts', import.meta.url).href)}
  const { logger, flush } = createLog('admin', 'v1', process.env.LOG_DIR, { ECS_CONTAINER_METADATA_URI_V4: 'x/task' })
  const server = createServer((_, response) => response.end('served')).listen(0, '127.0.0.1')
  process.on('SIGTERM', () => {
    flush()
    process.exit(0)
  })
  const padding = 'x'.repeat(400)
  let most = 0
  for (let n = 0; n < ${lines}; n++) {
    logger.info({ n, padding }, 'request')
    if (n % 100 === 0) {
      most = Math.max(most, process.memoryUsage().rss)
      await setImmediate()
    }
  }
  const answer = await fetch('http://127.0.0.1:' + server.address().port)
  process.send({ text: await answer.text(), mostMiB: Math.round(most / 2 ** 20) })
`

interface Outcome {
  readonly text: string
  readonly mostMiB: number
}

function service(t: TestContext, logDir: string, stdout: 'pipe' | 'ignore'): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, LOG_DIR: logDir },
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

async function outcome(child: ChildProcess): Promise<Outcome> {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => assert.fail(`the service ended with ${code}`)),
  ])
  return message as Outcome
}

async function stopped(child: ChildProcess): Promise<unknown> {
  child.kill('SIGTERM')
  return (await once(child, 'exit', { signal: AbortSignal.timeout(10_000) }))[0]
}

/** Reads its standard output until the pattern is there. */
async function shows(child: ChildProcess, pattern: RegExp): Promise<void> {
  let rest = ''
  for await (const text of child.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    rest += text
    if (pattern.test(rest)) return void child.stdout?.resume()
    rest = rest.slice(-2_000)
  }
  assert.fail(`${pattern} is not in the output`)
}

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'baton-logging-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

const mostMiB = 200

describe('a log that cannot be written', {
  timeout: 60_000,
  skip: process.platform !== 'linux' && 'there is no /dev/full to write to',
}, () => {
  test('on a full disk: the service serves in bounded memory, reports it once, and ends as usual', async (t) => {
    const logDir = directory(t)
    mkdirSync(join(logDir, 'admin', 'task'), { recursive: true })
    symlinkSync('/dev/full', join(logDir, 'admin', 'task', 'admin.log'))
    const child = service(t, logDir, 'pipe')
    let reports = 0
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      reports += text.split('log file not written').length - 1
    })
    const { text, mostMiB: used } = await outcome(child)
    assert.equal(text, 'served')
    assert.ok(used < mostMiB, `${used} MiB`)
    assert.equal(await stopped(child), 0)
    assert.equal(reports, 1)
  })

  test('to a reader that has stopped: the service serves in bounded memory, and reports the lines lost later', async (t) => {
    const child = service(t, directory(t), 'pipe')
    child.stdout?.pause()
    const { text, mostMiB: used } = await outcome(child)
    assert.equal(text, 'served')
    assert.ok(used < mostMiB, `${used} MiB`)
    await shows(child, /"lost":\d{5,6},"msg":"standard output is written again"/)
    assert.equal(await stopped(child), 0)
  })

  test('into a directory that cannot be created: the service serves, and writes to standard output', async (t) => {
    const logDir = join(directory(t), 'a file')
    writeFileSync(logDir, '')
    const child = service(t, logDir, 'ignore')
    assert.equal((await outcome(child)).text, 'served')
    assert.equal(await stopped(child), 0)
    assert.equal(readFileSync(logDir, 'utf8'), '')
  })
})
