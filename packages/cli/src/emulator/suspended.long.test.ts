/** An emulator that is suspended for a minute, as a laptop that sleeps: it goes on where it was, and nothing is lost. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmulator } from '@baton/emulator/client'

const minuteMs = 60_000

test('suspended for a minute, an emulator goes on: what was written is there, and it is asked and applies as before', {
  timeout: 300_000,
}, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'baton-suspended-'))
  const folder = join(root, 'stack')
  await mkdir(folder)
  const write = (tag: string) =>
    writeFile(
      join(folder, 'cdk.tf.json'),
      JSON.stringify({
        resource: {
          aws_s3_bucket: { b: { bucket: 'suspended', tags: { tag } } },
          aws_s3_object: { o: { bucket: '${aws_s3_bucket.b.bucket}', key: 'kept.txt', content: tag } },
          aws_db_instance: {
            d: {
              identifier: 'suspended',
              engine: 'postgres',
              engine_version: '17',
              instance_class: 'db.t4g.micro',
              allocated_storage: 20,
              username: 'owner',
              password: 'suspended',
              skip_final_snapshot: true,
            },
          },
        },
        output: { address: { value: '${aws_db_instance.d.address}' } },
      }),
    )
  const emulator = await startEmulator({ stateDir: join(root, 'emulator'), speed: 60 })
  t.after(async () => {
    await emulator.stop()
    await rm(root, { recursive: true, force: true })
  })
  await write('before')
  const before = await emulator.apply(folder, { stack: 'platform' })
  process.kill(emulator.pid, 'SIGSTOP')
  // Who asks in that minute is not left waiting.
  const asked = sleep(minuteMs / 2).then(() => assert.rejects(emulator.status(), /runs but does not answer/))
  await Promise.all([asked, sleep(minuteMs)])
  process.kill(emulator.pid, 'SIGCONT')
  const unchanged = await emulator.apply(folder, { stack: 'platform' })
  assert.deepEqual(unchanged.changes, [])
  assert.deepEqual(unchanged.outputs, before.outputs)
  await write('after')
  const changed = await emulator.apply(folder, { stack: 'platform' })
  assert.deepEqual(
    changed.changes.map(({ action }) => action),
    ['update', 'update'],
  )
})
