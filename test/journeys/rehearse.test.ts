/**
 * The main job, as the README has it: the platform of this repository is built, applied, released and released
 * again under load, and the verdict is judged here by its report alone.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { DeploymentReport, Report } from '../../packages/rehearsal/src/index.ts'
import { watchProcessor } from './processor.ts'
import { type Ended, invisible, openWorkspace } from './workspace.ts'

/** What a flush to disk, which every commit waits for, may take on a machine that others use too. */
const flushMs = 400
/**
 * Above this the processor was not the same from phase to phase, and the slower requests are reported, not judged: a
 * machine that is shared had 1.9 while idle, and then phases of the same work differed by 2 to 4 in p90 and p99.
 */
const evenProcessor = 1.5

const workspace = openWorkspace()
after(() => workspace.close())

describe('a rehearsal of the main job', () => {
  let ended: Ended
  let report: Report
  let unevenness: number

  before(
    async () => {
      const file = join(workspace.root, 'report.json')
      const processor = watchProcessor()
      ended = await workspace.run('rehearse', '--report', file)
      unevenness = processor.stop()
      report = JSON.parse(readFileSync(file, 'utf8'))
    },
    { timeout: 240_000 },
  )

  test('passes, with exit status 0 and the verdict as text', () => {
    assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr.slice(-3_000)}`)
    assert.equal(report.verdict, 'pass')
    assert.match(ended.stdout, /Verdict {2}PASS/)
    assert.match(ended.stdout, /Not rehearsed: /)
  })

  test('reports in the shape that others read', () => {
    assert.equal(report.durationMs > 0 && report.speed > 0, true)
    assert.deepEqual(typesOf(report.requests, ['total', 'failed', 'byCause']), ['number', 'number', 'object'])
    assert.ok(report.phases.length >= 3)
    for (const phase of report.phases) {
      const members = ['name', 'durationMs', 'requests', 'failed']
      assert.deepEqual(typesOf(phase, members), ['string', 'number', 'number', 'number'])
      const { p50, p90, p99, max } = phase.latencyMs
      assert.deepEqual(
        [p50, p90, p99, max],
        [p50, p90, p99, max].toSorted((a, b) => a - b),
      )
    }
    for (const deployment of report.deployments) {
      assert.ok(deployment.kind === 'site' || deployment.kind === 'service')
      assert.deepEqual(typesOf(deployment, ['target', 'from', 'to', 'status', 'rolledBack']), [
        ...Array(4).fill('string'),
        'boolean',
      ])
      assert.deepEqual(typesOf(deployment, ['durationMs', 'predictedAwsDurationMs']), ['number', 'number'])
    }
    assert.ok(report.notRehearsed.every((gap) => typeof gap === 'string'))
  })

  test('tells the time here and on AWS, of every phase, deployment and step', () => {
    const phase = (name: string) => report.phases.find((each) => each.name === name)
    assert.equal(phase('steady')?.predictedAwsDurationMs, phase('steady')?.durationMs)
    for (const deployment of report.deployments) {
      const taken = deployment.steps.filter((step) => step.durationMs !== undefined)
      assert.ok(taken.length > 0, `${deployment.target} ${deployment.to}`)
      const both = [deployment, ...taken].map(({ durationMs = 0, predictedAwsDurationMs = 0 }) => {
        return predictedAwsDurationMs >= durationMs
      })
      assert.equal(both.includes(false), false, JSON.stringify(deployment))
    }
    const released = report.deployments.find(({ kind, to }) => kind === 'service' && to === 'v2')
    const shift = released?.steps.find(({ name }) => name === 'AllowTraffic')
    assert.ok((shift?.predictedAwsDurationMs ?? 0) >= 5 * 60_000, 'a canary of five minutes')
    assert.ok((phase('release v2')?.predictedAwsDurationMs ?? 0) >= (released?.predictedAwsDurationMs ?? 0))
    assert.match(ended.stdout, /AllowTraffic [\d.]+ s \(on AWS \d+ min \d+ s\)/)
  })

  test('sends enough requests, fast enough, and loses none', () => {
    const { total, failed, byCause } = report.requests
    assert.ok(total >= 15_000, `${total} requests`)
    assert.deepEqual({ failed, byCause }, { failed: 0, byCause: {} })
    for (const phase of report.phases.filter(({ name }) => name !== 'warm-up')) {
      const perSecond = phase.requests / (phase.durationMs / 1000)
      assert.ok(perSecond >= 300, `${phase.name}: ${perSecond.toFixed(0)} requests per second`)
    }
    const sum = report.phases.reduce((all, phase) => all + phase.requests, 0)
    assert.ok(Math.abs(total - sum) <= total / 100, `${sum} of ${total} requests fall into a phase`)
  })

  test('holds latency while deploying', (t) => {
    const latency = (name: string, of: 'p50' | 'p90' | 'p99') => {
      const found = report.phases.find((phase) => phase.name === name)
      assert.ok(found, `no phase ${name}`)
      return found.latencyMs[of]
    }
    const p99 = (name: string) => latency(name, 'p99')
    const steady = p99('steady')
    const usual = latency('steady', 'p50')
    assert.ok(steady > 0 && usual > 0)
    const isEven = unevenness <= evenProcessor
    t.diagnostic(
      `the processor: slow ${unevenness.toFixed(2)} × fast${isEven ? '' : '; only medians are judged'}`,
    )
    const judge = (holds: boolean, message: string) => (isEven ? assert.ok(holds, message) : undefined)
    for (const name of ['release v2', 'give up v3', 'roll back v4']) {
      const ratio = p99(name) / steady
      t.diagnostic(`${name}: p99 ${p99(name)} ms, ${ratio.toFixed(2)} × steady`)
      const [most, usualMost] = [latency(name, 'p90'), latency('steady', 'p90')]
      t.diagnostic(`${name}: p90 ${most} ms, steady ${usualMost} ms`)
      // What half of the requests take moves with neither flushes nor luck.
      const median = latency(name, 'p50')
      assert.ok(median <= 2 * usual + 5, `${name}: the median is ${median} ms, steady it is ${usual} ms`)
      judge(most <= 2 * usualMost + 10, `${name}: p90 is ${most} ms, steady it is ${usualMost} ms`)
      // The goal is 1.5. Where the steady phase was lucky, a single flush of the disk is more: that is allowed for.
      judge(
        p99(name) <= Math.max(1.5 * steady, steady + flushMs),
        `${name}: p99 is ${ratio.toFixed(2)} × steady`,
      )
    }
  })

  test('takes at most 90 seconds', (t) => {
    t.diagnostic(`${(ended.durationMs / 1000).toFixed(1)} s`)
    assert.ok(report.durationMs <= 90_000, `${report.durationMs} ms`)
  })

  test('releases v2 of both services and both sites', () => {
    for (const target of ['admin', 'user']) {
      for (const kind of ['service', 'site'] as const) {
        const release = releaseOf(report, kind, target, 'v2')
        assert.equal(release.from, 'v1')
        assert.equal(release.status, 'Succeeded')
        assert.equal(release.rolledBack, false)
        assert.ok(seen(report, kind, target, 'v2') > 0, `clients saw v2 of the ${kind} ${target}`)
      }
    }
  })

  test('gives v3 up, rolls back, and no client ever saw it', () => {
    const release = releaseOf(report, 'service', 'admin', 'v3')
    assert.equal(release.from, 'v2')
    assert.notEqual(release.status, 'Succeeded')
    assert.equal(release.rolledBack, true)
    assert.deepEqual(
      report.versions.filter(({ version }) => version === 'v3'),
      [],
    )
  })

  test('stops v4 in its canary, within its share, and rolls back', () => {
    const release = releaseOf(report, 'service', 'admin', 'v4')
    assert.equal(release.status, 'Stopped')
    assert.equal(release.rolledBack, true)
    assert.match(release.message ?? '', /alarm/i)
    assert.ok(seen(report, 'service', 'admin', 'v4') > 0, 'the canary met clients')
    const { failed = 0, requests = 0, allowed = 0 } = release.withinCanary ?? {}
    assert.ok(failed > 0 && failed <= allowed, `${failed} of ${requests} failed; ${allowed} are allowed`)
    assert.ok(allowed <= requests * 0.1 + 3 * Math.sqrt(requests * 0.09) + 1)
  })

  test('predicts what each deployment takes on AWS', () => {
    const minutes = (to: string, target = 'admin') =>
      releaseOf(report, 'service', target, to).predictedAwsDurationMs / 60_000
    // Five minutes of canary, a minute of waiting to terminate, and starting Fargate tasks.
    for (const target of ['admin', 'user']) assertBetween(minutes('v2', target), 6, 15)
    // As long as the release waits for tasks to become healthy.
    assertBetween(minutes('v3'), 5, 20)
    // One to five minutes until the alarm, and the way back.
    assertBetween(minutes('v4'), 1.5, 12)
    assertBetween(releaseOf(report, 'site', 'admin', 'v2').predictedAwsDurationMs / 1000, 1, 60)
  })

  test('leaves nothing running and nothing lying about', { skip: invisible }, () => workspace.nothingLeft())
})

function releaseOf(report: Report, kind: string, target: string, to: string): DeploymentReport {
  const found = report.deployments.filter(
    (deployment) => deployment.kind === kind && deployment.target === target && deployment.to === to,
  )
  assert.equal(found.length, 1, `one entry for the ${kind} ${target} ${to}`)
  return found[0] as DeploymentReport
}

/** How many answers of a version clients counted. */
function seen(report: Report, kind: string, target: string, version: string): number {
  return report.versions
    .filter((span) => span.target === `${kind} ${target}` && span.version === version)
    .reduce((sum, span) => sum + span.responses, 0)
}

function assertBetween(value: number, from: number, to: number): void {
  assert.ok(value >= from && value <= to, `${value.toFixed(2)} is not between ${from} and ${to}`)
}

function typesOf(value: object, members: readonly string[]): string[] {
  return members.map((member) => typeof (value as Record<string, unknown>)[member])
}
