import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { healthCheck } from './health.ts'

function fixture() {
  const database = { up: false, probes: 0, now: 0 }
  const probe = async () => {
    database.probes++
    if (!database.up) throw new Error('ECONNREFUSED')
  }
  return { database, health: healthCheck(probe, () => database.now) }
}

test('a task that never reached its database is unhealthy', async () => {
  const { health } = fixture()
  assert.deepEqual(await health(), { status: 503, body: { status: 'starting', database: 'down' } })
})

test('a task stays healthy while its database fails over, and says that it is down', async () => {
  const { database, health } = fixture()
  database.up = true
  assert.deepEqual(await health(), { status: 200, body: { status: 'ok', database: 'up' } })
  database.up = false
  database.now += 6_000
  await health()
  await setImmediate()
  assert.deepEqual(await health(), { status: 200, body: { status: 'ok', database: 'down' } })
})

test('a healthy task asks the database at most every five seconds', async () => {
  const { database, health } = fixture()
  database.up = true
  for (let second = 0; second <= 12; second++) {
    database.now = second * 1_000
    await health()
    await setImmediate()
  }
  assert.equal(database.probes, 3)
})
