/** The command started by a Node.js that cannot run its sources: whichever older one is on this machine. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../bin/baton.js', import.meta.url))
const older = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  .map((folder) => join(folder, 'node'))
  .find((node) => {
    const major = majorOf(node)
    return major >= 20 && major < 24
  })

test('an older Node.js hands over to the one that comes along', {
  skip: older === undefined && 'no Node.js from 20 to 23 is on this machine',
}, () => {
  const help = execFileSync(older ?? '', [command, '--help'], { encoding: 'utf8' })
  assert.match(help, /Usage: baton/)
})

function majorOf(node: string): number {
  try {
    return Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }))
  } catch {
    return 0
  }
}
