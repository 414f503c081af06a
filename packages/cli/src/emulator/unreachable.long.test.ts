/** Commands about an emulator that runs and does not answer, or that a proxy hides: bounded, and never "none runs". */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@baton/emulator/client'
import { emulatorDir } from './directory.ts'

const program = fileURLToPath(new URL('../../bin/baton.js', import.meta.url))

async function detachedEmulator(t: TestContext) {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-unreachable-'))
  const { pid } = await startEmulator({ stateDir: emulatorDir(stateDir), detached: true })
  t.after(async () => {
    if (runs(pid)) process.kill(pid, 'SIGKILL')
    await rm(stateDir, { recursive: true, force: true })
  })
  return { stateDir, pid }
}

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function baton(stateDir: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, '--state-dir', stateDir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const output = [child.stdout, child.stderr].map(async (stream) => {
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += chunk
    return text
  })
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { code, output: (await Promise.all(output)).join('') }
}

describe('an emulator that cannot be asked as usual', { timeout: 120_000 }, () => {
  test('suspended: status says that it does not answer, down --destroy ends it and deletes its state', async (t) => {
    const { stateDir, pid } = await detachedEmulator(t)
    process.kill(pid, 'SIGSTOP')
    const status = await baton(stateDir, ['status'])
    assert.equal(status.code, 1)
    assert.match(status.output, new RegExp(`emulator \\(process ${pid}\\) runs but does not answer`))
    assert.match(status.output, /Fix: .*baton down/)
    const down = await baton(stateDir, ['down', '--destroy'])
    assert.deepEqual(
      [down.code, runs(pid), existsSync(emulatorDir(stateDir))],
      [0, false, false],
      down.output,
    )
    assert.match(down.output, /^The emulator has stopped; its state is deleted\./m)
  })

  test('too busy to answer or to act on a signal: down kills it', async (t) => {
    const { stateDir, pid } = await detachedEmulator(t)
    // Suspended again whenever it is resumed: like a process in an endless loop, it never acts on SIGTERM.
    const suspended = setInterval(() => runs(pid) && process.kill(pid, 'SIGSTOP'), 1)
    t.after(() => clearInterval(suspended))
    const down = await baton(stateDir, ['down'])
    assert.deepEqual([down.code, runs(pid)], [0, false], down.output)
    assert.match(down.output, /^The emulator did not answer and did not stop: it was killed/m)
  })

  test('with a proxy in the environment: the emulator is asked directly', async (t) => {
    const asked: string[] = []
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(502).end()
    })
    proxy.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    t.after(() => proxy.close())
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const { stateDir, pid } = await detachedEmulator(t)
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '' }
    const down = await baton(stateDir, ['down'], env)
    assert.deepEqual([down.code, runs(pid), asked], [0, false, []], down.output)
    assert.match(down.output, /^The emulator has stopped\./m)
  })
})
