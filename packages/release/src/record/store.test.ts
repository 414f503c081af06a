import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { Fault, type StubAws, startStubAws } from '../test-kit/stub-aws.test-kit.ts'
import { startRecording } from './recording.ts'
import type { ReleaseRecord } from './release-record.ts'
import { deleteRecords, putRecord, releaseRecords } from './store.ts'

let aws: StubAws
beforeEach(async () => {
  aws = await startStubAws()
})
afterEach(() => aws.close())

const record = (id: string, more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  id,
  target: 'service/admin',
  version: id,
  action: 'release',
  state: 'succeeded',
  startedAt: '2026-11-29T10:00:00.000Z',
  by: 'kim',
  ...more,
})
const platform = 'keencho-production'
const put = (Name: string, Value: string) =>
  aws.clients.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }))

describe('records of releases', () => {
  test('are newest first, over all pages, and the last word of a release counts', async () => {
    for (let n = 1; n <= 30; n++) {
      await putRecord(aws.clients, platform, record(`v${n}`, { state: 'under-way' }))
      await putRecord(aws.clients, platform, record(`v${n}`))
    }
    const found = await releaseRecords(aws.clients, platform, 'service/admin')
    assert.equal(found.length, 30)
    assert.deepEqual([found[0]?.version, found[29]?.version], ['v30', 'v1'])
    assert.ok(found.every(({ state }) => state === 'succeeded'))
  })

  test('are none where there is no parameter, and leave out what is no record', async () => {
    assert.deepEqual(await releaseRecords(aws.clients, platform, 'site/user'), [])
    for (const Value of ['hello', '{}', 'null'])
      await put('/baton/keencho-production/releases/site/user', Value)
    assert.deepEqual(await releaseRecords(aws.clients, platform, 'site/user'), [])
  })

  test('fit into a standard parameter, however long the reason is', async () => {
    const contracts = Array.from({ length: 500 }, (_, n) => `00${n}_drop_column`)
    await putRecord(aws.clients, platform, record('v1', { reason: 'x'.repeat(20_000), contracts }))
    const [kept] = await releaseRecords(aws.clients, platform, 'service/admin')
    assert.ok(JSON.stringify(kept).length < 4_096)
    assert.equal(kept?.contracts?.at(-1), '00499_drop_column')
  })

  test('are written again where another release writes at the same moment', async () => {
    let busy = 2
    let written = 0
    aws.on({
      PutParameter: () => {
        if (busy-- > 0) throw new Fault('TooManyUpdates', 'busy')
        written++
        return {}
      },
    })
    await putRecord(aws.clients, platform, record('v1'))
    assert.equal(written, 1)
  })

  test('that cannot be written are reported, and stop nothing', async () => {
    aws.on({
      PutParameter: () => {
        throw new Fault('AccessDeniedException', 'not allowed')
      },
    })
    const reported: string[] = []
    const { id: _id, state: _state, startedAt: _at, ...start } = record('v1')
    const recording = await startRecording(aws.clients, platform, start, ({ step, state, detail }) => {
      reported.push(`${step} ${state}: ${detail}`)
    })
    await recording.end({ state: 'succeeded' })
    assert.deepEqual(reported, Array(2).fill('record the release failed: AccessDeniedException: not allowed'))
  })

  test('are deleted with the platform, all of them', async () => {
    for (let n = 0; n < 25; n++)
      await putRecord(aws.clients, platform, record('v1', { target: `site/s${n}` }))
    await put('/baton/keencho-production/services/admin', 'the manifest')
    assert.equal(await deleteRecords(aws.clients, platform), 25)
    const deleted = aws.inputsOf('DeleteParameters').flatMap(({ Names }) => Names as string[])
    assert.ok(deleted.every((name) => name.startsWith('/baton/keencho-production/releases/')))
    assert.deepEqual(await releaseRecords(aws.clients, platform, 'site/s24'), [])
  })
})
