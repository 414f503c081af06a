import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestRecord } from '../load/record.ts'
import type { Evidence } from '../report/evidence.ts'
import type { Timeline } from '../report/timeline.ts'
import { judge } from './verdict.ts'

const request = (change: Partial<RequestRecord> = {}): RequestRecord => ({
  startedAt: 1_000,
  latencyMs: 10,
  site: 'admin',
  kind: 'read',
  method: 'GET',
  path: '/api/accounts',
  status: 200,
  version: 'v1',
  ...change,
})

const always = { from: 0, until: Number.POSITIVE_INFINITY }
const onlyV1: Timeline = {
  versions: [
    { target: 'service admin', version: 'v1', span: always },
    { target: 'site admin', version: 'v1', span: always },
  ],
  shares: [],
}

const evidence = (change: Partial<Evidence>): Evidence => ({
  records: [],
  lost: [],
  timeline: onlyV1,
  phases: [{ name: 'steady', from: 0, until: 10_000 }],
  releases: [],
  serviceOf: { admin: 'admin' },
  ...change,
})

/** A canary of 10 % from 2,000 to 5,000, in whose first second 1,000 requests came, `n` of them to v2. */
function canary(n: number, options: { mayFail: boolean; cause?: RequestRecord['cause'] }): Evidence {
  const records = Array.from({ length: 1_000 }, (_, index) =>
    request({
      startedAt: 2_000 + index,
      latencyMs: 1,
      version: index < n ? 'v2' : 'v1',
      ...(index < n && options.cause ? { cause: options.cause, status: 500 } : {}),
    }),
  )
  const span = { from: 2_000, until: 5_000 }
  const v2 = { target: 'service admin', version: 'v2', span }
  return evidence({
    records,
    timeline: {
      versions: [...onlyV1.versions, v2],
      shares: [{ ...v2, share: 0.1, mayFail: options.mayFail }],
    },
  })
}

describe('the verdict', () => {
  const good = evidence({ records: [request()], releases: [{ asExpected: true }] })
  const cases: [name: string, evidence: Evidence, expected: 'pass' | 'fail'][] = [
    ['every answer was right and every release ended as expected', good, 'pass'],
    ['nothing was sent', { ...good, records: [] }, 'fail'],
    ['a request failed', { ...good, records: [request({ cause: 'status-502' })] }, 'fail'],
    [
      'a release ended otherwise',
      { ...good, releases: [{ asExpected: true }, { asExpected: false }] },
      'fail',
    ],
    ['a bad version failed more than its share', canary(129, { mayFail: true, cause: 'status-500' }), 'fail'],
    ['a bad version failed within its share', canary(128, { mayFail: true, cause: 'status-500' }), 'pass'],
  ]
  for (const [name, judged, expected] of cases)
    test(`is "${expected}" where ${name}`, () => assert.equal(judge(judged).verdict, expected))

  test('finds nothing where every answer is right', () => {
    const { counts, phases } = judge(evidence({ records: [request(), request({ kind: 'asset' })] }))
    assert.deepEqual(counts, { failed: 0, byCause: {} })
    assert.equal(phases[0]?.requests, 2)
  })

  test('counts what clients saw fail, by cause and phase', () => {
    const records = [request({ cause: 'status-502', status: 502 }), request({ cause: 'time-out' }), request()]
    const { counts, phases } = judge(evidence({ records }))
    assert.deepEqual(counts, { failed: 2, byCause: { 'status-502': 1, 'time-out': 1 } })
    assert.equal(phases[0]?.failed, 2)
  })

  test('refuses a version that no step allows', () => {
    const { counts } = judge(evidence({ records: [request({ version: 'v3' })] }))
    assert.deepEqual(counts.byCause, { 'wrong-version': 1 })
  })

  test('refuses the old version once the shift is complete, but not for a request that began before', () => {
    const timeline: Timeline = {
      versions: [{ target: 'service admin', version: 'v1', span: { from: 0, until: 2_000 } }],
      shares: [],
    }
    const before = request({ startedAt: 1_900, latencyMs: 500 })
    const after = request({ startedAt: 2_100 })
    assert.deepEqual(judge(evidence({ records: [before, after], timeline })).counts.byCause, {
      'wrong-version': 1,
    })
  })

  test('distinguishes a site’s version from its service’s', () => {
    const timeline: Timeline = {
      versions: [{ target: 'site admin', version: 'v2', span: always }],
      shares: [],
    }
    const records = [request({ kind: 'document', version: 'v2' })]
    assert.equal(judge(evidence({ records, timeline })).counts.failed, 0)
  })

  test('leaves out what a bad version failed within its canary, and counts it apart', () => {
    const { counts, canaries } = judge(canary(100, { mayFail: true, cause: 'status-500' }))
    assert.equal(counts.failed, 0)
    assert.equal(canaries[0]?.failed, 100)
    assert.equal(canaries[0]?.allowed, 128)
  })

  test('holds a failure without the bad version’s name against the platform, canary or not', () => {
    const bad = canary(100, { mayFail: true, cause: 'status-500' })
    const records = [...bad.records, request({ startedAt: 2_500, cause: 'status-503', status: 503 })]
    assert.deepEqual(judge({ ...bad, records }).counts.byCause, { 'status-503': 1 })
  })

  test('holds a failure of the bad version after the rollback against the platform', () => {
    const bad = canary(100, { mayFail: true, cause: 'status-500' })
    const late = request({ startedAt: 5_100, cause: 'status-500', status: 500, version: 'v2' })
    assert.deepEqual(judge({ ...bad, records: [...bad.records, late] }).counts.byCause, { 'status-500': 1 })
  })

  test('refuses a canary that takes more than its share', () => {
    assert.equal(judge(canary(147, { mayFail: false })).counts.failed, 0)
    assert.equal(judge(canary(148, { mayFail: false })).counts.failed, 1)
    assert.deepEqual(judge(canary(500, { mayFail: false })).counts.byCause, { 'beyond-step': 353 })
  })

  test('bounds all that it excuses: what a bad version takes at the end of its canary counts as well', () => {
    // 4.4 s of a canary of 10 %, in whose last 1.4 s something hands the bad version everything.
    const records = Array.from({ length: 440 }, (_, index) => {
      const bad = index % 10 === 0 || index >= 300
      return request({
        startedAt: 2_000 + index * 10,
        ...(bad ? { version: 'v2', cause: 'status-500', status: 500 } : {}),
      })
    })
    const v2 = { target: 'service admin', version: 'v2', span: { from: 2_000, until: 6_400 } }
    const timeline = {
      versions: [...onlyV1.versions, v2],
      shares: [{ ...v2, share: 0.1, mayFail: true }],
    }
    const { canaries, counts } = judge(evidence({ records, timeline }))
    assert.equal(canaries[0]?.requests, 440)
    assert.equal(canaries[0]?.failed, 170)
    assert.deepEqual(counts.byCause, { 'beyond-step': 108 })
  })

  test('holds a failing version to three deviations, where chance alone is allowed five', () => {
    assert.equal(judge(canary(128, { mayFail: true, cause: 'status-500' })).counts.failed, 0)
    assert.deepEqual(judge(canary(140, { mayFail: true, cause: 'status-500' })).counts.byCause, {
      'beyond-step': 12,
    })
    assert.equal(judge(canary(140, { mayFail: false })).counts.failed, 0)
  })

  test('refuses an answer without a version where others name theirs', () => {
    const { version: _version, ...silent } = request()
    const failed = { ...silent, status: 502, cause: 'status-502' as const }
    const judged = judge(evidence({ records: [request(), silent, failed, { ...silent, method: 'DELETE' }] }))
    assert.deepEqual(judged.counts.byCause, { 'wrong-version': 1, 'status-502': 1 })
    assert.deepEqual(judged.unjudged, [
      'which version of service admin answered: its answers to DELETE name none (x-app-version)',
    ])
  })

  test('says that nothing is proved of a service whose answers name no version', () => {
    const { version: _version, ...silent } = request()
    const fault = request({ version: 'v4', cause: 'status-500', status: 500 })
    const { counts, unjudged } = judge(evidence({ records: [silent, { ...silent, method: 'POST' }, fault] }))
    assert.deepEqual(counts.byCause, { 'status-500': 1 })
    assert.deepEqual(unjudged, [
      'which version of service admin answered: its answers name none (x-app-version)',
    ])
  })

  test('asks no version of a chunk, whose name says what it is', () => {
    const { version: _version, ...chunk } = request({ kind: 'asset' })
    const { counts, unjudged } = judge(evidence({ records: [request({ kind: 'document' }), chunk] }))
    assert.deepEqual([counts.failed, unjudged], [0, []])
  })

  test('judges more requests than a call takes parameters', () => {
    const records = Array.from({ length: 200_000 }, (_, index) => request({ startedAt: 1_000 + index }))
    const { versions, counts } = judge(evidence({ records }))
    assert.equal(counts.failed, 0)
    assert.equal(versions[0]?.lastSeenMs, 199_999)
  })

  test('does not hold against a canary what was sent so late that the next step may have answered', () => {
    const canaryEvidence = canary(100, { mayFail: false })
    const late = Array.from({ length: 300 }, (_, index) =>
      request({ startedAt: 4_500 + index, latencyMs: 600, version: 'v2' }),
    )
    assert.equal(judge({ ...canaryEvidence, records: [...canaryEvidence.records, ...late] }).counts.failed, 0)
  })

  test('takes no side for the version that answers faster', () => {
    // The old version is slow: many of its answers come after the canary, and still count.
    const { records, ...rest } = canary(100, { mayFail: false })
    const slow = [...records].map((record) =>
      record.version === 'v1' ? { ...record, latencyMs: 4_000 } : record,
    )
    assert.equal(judge({ ...rest, records: slow }).counts.failed, 0)
  })

  test('counts an acknowledged write that is not in the database', () => {
    const lost = [{ site: 'admin', id: '7', acknowledgedAt: 1_000, state: 'present' as const }]
    const { counts, failures } = judge(evidence({ lost }))
    assert.deepEqual(counts.byCause, { 'lost-write': 1 })
    assert.match(failures[0]?.detail ?? '', /admin 7 was acknowledged and is not there/)
  })

  test('tells which version was seen when', () => {
    const records = [request(), request({ startedAt: 1_500 }), request({ startedAt: 2_000, version: 'v2' })]
    assert.deepEqual(judge(evidence({ records })).versions, [
      { target: 'service admin', version: 'v1', firstSeenMs: 0, lastSeenMs: 500, responses: 2 },
      { target: 'service admin', version: 'v2', firstSeenMs: 1_000, lastSeenMs: 1_000, responses: 1 },
    ])
  })

  test('takes percentiles by nearest rank and leaves slow clients out', () => {
    const records = Array.from({ length: 100 }, (_, index) => request({ latencyMs: index + 1 }))
    const slow = request({ kind: 'slow-write', latencyMs: 2_000 })
    const { phases } = judge(evidence({ records: [...records, slow] }))
    assert.deepEqual(phases[0]?.latencyMs, { p50: 50, p90: 90, p99: 99, max: 100 })
  })
})
