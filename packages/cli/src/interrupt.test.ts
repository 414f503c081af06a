import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Interrupted, interruptible } from './interrupt.ts'
import { UsageError } from './usage-error.ts'

const interruption = {
  during: 'the platform was applied',
  left: 'What was made stays.',
  fix: 'Run it again.',
}

/** What the command says of work that ends so once it has been interrupted. */
async function interrupted(end: (signal: AbortSignal) => Promise<unknown>): Promise<Interrupted> {
  const work = interruptible(interruption, async (signal) => {
    const aborted = once(signal, 'abort')
    process.kill(process.pid, 'SIGINT')
    await aborted
    return end(signal)
  })
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Interrupted, String(error))
  return error
}

describe('work that is interrupted', () => {
  test('says what was under way, what is left of it, and what to do', async () => {
    const error = await interrupted(async (signal) => signal.throwIfAborted())
    assert.equal(error.message, 'Interrupted while the platform was applied. What was made stays.')
    assert.equal(error.fix, 'Run it again.')
    assert.equal(error.cause, undefined)
  })

  test('takes the end of a wait for what it is: the interruption', async () => {
    const error = await interrupted((signal) => sleep(60_000, undefined, { signal }))
    assert.match(error.message, /What was made stays/)
  })

  test('shows how else it ended, keeps the cause, and claims nothing', async () => {
    const cause = new UsageError('Terraform could not save its state.', 'See errored.tfstate.')
    const error = await interrupted(() => Promise.reject(cause))
    assert.match(error.message, /^Interrupted while the platform was applied\..*could not save its state\.$/)
    assert.doesNotMatch(error.message, /What was made stays/)
    assert.equal(error.cause, cause)
    assert.equal(error.fix, 'See errored.tfstate.')
  })

  test('may still succeed', async () => {
    const work = interruptible(interruption, async (signal) => {
      const aborted = once(signal, 'abort')
      process.kill(process.pid, 'SIGTERM')
      await aborted
      return 'done'
    })
    assert.equal(await work, 'done')
  })
})

test('work that fails by itself fails with its own error', async () => {
  const error = new Error('its own')
  await assert.rejects(
    interruptible(interruption, () => Promise.reject(error)),
    error,
  )
})

const stubborn = `
  import { spawn } from 'node:child_process'
  import { interruptible } from ${JSON.stringify(new URL('./interrupt.ts', import.meta.url).href)}
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  setInterval(() => undefined, 1_000)
  await interruptible(${JSON.stringify(interruption)}, () => {
    process.stdout.write(child.pid + '\\n')
    return new Promise(() => undefined)
  })
`

test('a second interruption ends work that does not stop, and its child processes', async () => {
  const command = spawn(process.execPath, ['--input-type=module', '--eval', stubborn], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  command.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(command, 'close')
  const [line] = await once(command.stdout, 'data')
  const child = Number(String(line))
  assert.ok(child > 0)
  for (let tries = 0; command.exitCode === null && command.signalCode === null; tries++) {
    assert.ok(tries < 100, 'it does not end')
    command.kill('SIGINT')
    await Promise.race([ended, sleep(300)])
  }
  assert.equal(command.exitCode, 130, said)
  assert.match(said, /Interrupted again while the platform was applied: ended immediately/)
  for (let tries = 0; runs(child) && tries < 100; tries++) await sleep(100)
  assert.equal(runs(child), false, 'the child has ended')
})

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
