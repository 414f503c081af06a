/** The emulator's commands in a shell that is set up for a real account: they call the emulator and nothing else. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Emulator, startEmulator } from '@baton/emulator/client'

const repository = join(import.meta.dirname, '../../../..')
const stateDir = mkdtempSync(join(tmpdir(), 'baton-foreign-aws-'))
let emulator: Emulator
let shell: Record<string, string>
/** Connections to where the shell says that AWS is. */
let connections = 0
const aws = createServer((socket) => {
  connections++
  socket.destroy()
})

before(async () => {
  await new Promise<void>((done) => aws.listen(0, '127.0.0.1', done))
  const address = aws.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const file = join(stateDir, 'config')
  writeFileSync(
    file,
    `[profile production]\nregion = eu-west-1\nendpoint_url = ${endpoint}\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n`,
  )
  shell = {
    AWS_PROFILE: 'production',
    AWS_CONFIG_FILE: file,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_SSM: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAREAL',
    AWS_SECRET_ACCESS_KEY: 'real',
    AWS_SESSION_TOKEN: 'real',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
  }
  emulator = await startEmulator({ stateDir: join(stateDir, 'emulator'), awsRegion: 'ap-northeast-2' })
})
after(async () => {
  await emulator?.stop()
  aws.close()
  rmSync(stateDir, { recursive: true })
})

function baton(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const config = ['--config', join(repository, 'examples/accounts/baton.config.ts'), '--state-dir', stateDir]
  return new Promise((done) => {
    const command = [join(repository, 'packages/cli/bin/baton.js'), ...config, ...args]
    execFile(process.execPath, command, { env: { ...process.env, ...shell } }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

for (const command of [
  ['status'],
  ['deploy', 'service/admin', '--version', 'v2'],
  ['deploy', '--version', 'v2'],
  ['rollback', 'service/admin'],
  ['resume', 'service/admin'],
  ['stop', 'service/admin'],
  ['approve', 'service/admin'],
  ['notices'],
]) {
  test(`${command.join(' ')} asks the emulator, whatever the AWS_* variables say`, async () => {
    const { code, stdout, stderr } = await baton(...command)
    // Nothing was applied to this emulator: that is its own answer, and no other one knows the parameter's name.
    if (command[0] === 'notices') assert.deepEqual([code, stdout], [0, 'Nothing was published.\n'], stderr)
    else
      assert.match(
        stderr,
        /The parameter \/baton\/keencho-production\/(services\/(admin|user)|migration) is not there/,
      )
    assert.equal(connections, 0)
  })
}
