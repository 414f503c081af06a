/** What the emulator's process does when its log cannot be written. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const module = fileURLToPath(new URL('process-log.ts', import.meta.url))

test('an exception that cannot be logged because the disk is full is handled once', {
  skip: !existsSync('/dev/full') && 'the machine has no /dev/full',
}, () => {
  const program = `
    import { openProcessLog } from ${JSON.stringify(module)}
    openProcessLog()
    let handled = 0
    process.on('uncaughtException', (error) => { handled++; console.error('uncaught:', error) })
    setTimeout(() => { throw new Error('one') }, 1)
    setTimeout(() => process.exit(handled), 300)`
  const full = openSync('/dev/full', 'w')
  try {
    const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', full, full],
      timeout: 20_000,
    })
    assert.equal(status, 1)
  } finally {
    closeSync(full)
  }
})

test('what is logged goes to standard error', () => {
  const program = `
    import { openProcessLog } from ${JSON.stringify(module)}
    openProcessLog()
    console.error('one', { two: 2 })
    console.log('three')`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  assert.equal(stderr, 'one { two: 2 }\nthree\n')
})
