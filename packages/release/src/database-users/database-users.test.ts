/** The task that creates the users of services which migrate the database themselves, as ECS starts it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

const ended = (env: Record<string, string>) =>
  new Promise<{ code: number | null; printed: string }>((resolve) => {
    const child = execFile(process.execPath, [main], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, printed: stdout + stderr }),
    )
  })

test('a user without a password is refused, and nothing is asked of a database', async () => {
  const { code, printed } = await ended({ DB_USER_ADMIN: 'admin_app', PGHOST: 'nowhere.invalid' })
  assert.equal(code, 1)
  assert.match(printed, /DB_USER_ADMIN and DB_PASSWORD_ADMIN must both be set/)
})

test('a database that is not there is reported in a line, and the task fails', async () => {
  const { code, printed } = await ended({
    DB_USER_ADMIN: 'admin_app',
    DB_PASSWORD_ADMIN: 'secret',
    PGHOST: '127.0.0.1',
    PGPORT: '1',
  })
  assert.equal(code, 1)
  assert.match(printed, /ECONNREFUSED/)
  assert.doesNotMatch(printed, /secret|\n\s+at /)
})
