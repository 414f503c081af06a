/** What a first process of a container gets of a signal. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { reachesFirstProcess } from './first-process.ts'

const elsewhere = process.platform === 'linux' ? false : 'only Linux tells'

test('a shell that waits for its child does not get SIGTERM; one with a trap does', {
  skip: elsewhere,
}, async () => {
  assert.equal(await reaches('echo ready; sleep 30; true'), false)
  assert.equal(await reaches('trap "exit 0" TERM; echo ready; sleep 30; true'), true)
})

async function reaches(script: string): Promise<boolean> {
  const shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    await once(shell.stdout, 'data')
    assert.ok(shell.pid)
    assert.equal(reachesFirstProcess(shell.pid, 'SIGKILL'), true)
    return reachesFirstProcess(shell.pid, 'SIGTERM')
  } finally {
    if (shell.pid) process.kill(-shell.pid, 'SIGKILL')
  }
}
