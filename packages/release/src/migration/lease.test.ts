import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { refuses, waitingClock } from '../test-kit/service-release.test-kit.ts'
import { type StubAws, startStubAws } from '../test-kit/stub-aws.test-kit.ts'
import { type Holder, holderOf, takeLease } from './lease.ts'

let aws: StubAws
beforeEach(async () => {
  aws = await startStubAws()
})
afterEach(() => aws.close())

const take = (by: string, isOver: (holder: Holder) => Promise<boolean> = async () => false) =>
  takeLease(
    aws.clients,
    { platform: 'keencho-production', by, version: 'v2', expiresAfterMs: 60_000, isOver },
    waitingClock(),
  )

describe('the lease of the migration', () => {
  test('is taken, ended, and taken again', async () => {
    const first = await take('kim')
    await first.end()
    const second = await take('lee')
    assert.ok(second.number > first.number)
  })

  test('has one holder, and the second is answered who it is', async () => {
    await take('kim')
    await assert.rejects(take('lee'), refuses('migration-under-way', /v2 is under way, started by kim/))
  })

  test('of many that ask at the same moment, one gets it', async () => {
    const all = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => take(`person ${n}`)))
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('whose holder was killed is taken by the next one', async () => {
    const { number } = await take('kim')
    const asked: number[] = []
    const lee = await take('lee', async (holder) => {
      asked.push(holder.number)
      return true
    })
    assert.deepEqual(asked, [number])
    assert.ok(lee.number > number)
  })

  test('waits for a Parameter Store whose reads lag behind its writes', async () => {
    const history: { Value: string; Version: number; LastModifiedDate: number }[] = []
    let looks = 0
    aws.on({
      PutParameter: ({ Value }) => {
        history.push({ Value: String(Value), Version: history.length + 1, LastModifiedDate: 1 })
        return { Version: history.length }
      },
      GetParameterHistory: () => ({ Parameters: ++looks < 3 ? [] : history }),
    })
    assert.equal((await take('kim')).number, 1)
  })
})

test('a claim that finds the lease taken is lost, also once it is free again', () => {
  const claim = (number: number, at: number) => ({
    number,
    at,
    entry: { claim: `person ${number}`, version: 'v2', expiresAfterMs: 100 },
  })
  const ends = (number: number, at: number, of: number) => ({ number, at, entry: { ends: of } })
  assert.equal(holderOf([claim(1, 0), claim(2, 10)])?.number, 1)
  assert.equal(holderOf([claim(1, 0), claim(2, 10), ends(3, 20, 1)]), undefined)
  assert.equal(holderOf([claim(1, 0), ends(2, 10, 1), claim(3, 20)])?.number, 3)
  assert.equal(holderOf([claim(1, 0), claim(2, 100)])?.number, 2, 'it expires')
  assert.equal(holderOf([claim(1, 0), claim(2, 10), ends(3, 20, 2)])?.number, 1, 'only its holder ends it')
})
