/**
 * The run of a rehearsal: its releases under load, and the notes on them that the verdict needs: which version was
 * allowed when, how each deployment ended, when each phase began and ended.
 */

import type { Shift } from '@baton/config'
import {
  type DeploymentOutcome,
  describeOutcome,
  type LifecycleStep,
  migrate,
  type OnProgress,
  type Progress,
  pushMigrationImage,
  pushServiceImage,
  pushSidecarImages,
  releaseService,
  releaseSite,
  type ServiceRelease,
  unlessAborted,
} from '@baton/release'
import type { PhaseSpan } from '../report/evidence.ts'
import { asExpected, describeExpectation } from '../report/expectation.ts'
import type { DeploymentReport, StepReport } from '../report/report.ts'
import { shiftSpan } from '../report/shift-span.ts'
import type { ShareRule, Span, Timeline, VersionRule } from '../report/timeline.ts'
import type { LaterMigrations } from '../traffic/traffic.ts'
import type { RehearsalEnvironment } from './environment.ts'
import { Observations } from './observations.ts'
import type { ReleaseStep } from './release-step.ts'

/** Time stamps of two processes on one machine agree this well, a turn of their event loops included. */
const slackMs = 250
/** A switched pointer reaches every edge within this time on AWS: "seconds", of which ten are allowed. */
const propagationAwsMs = 10_000

interface Current {
  readonly version: string
  readonly since: number
}

export class RehearsalRun {
  readonly environment: RehearsalEnvironment
  readonly deployments: DeploymentReport[] = []
  readonly phases: PhaseSpan[] = []
  readonly observations: Observations
  readonly #shares: ShareRule[] = []
  readonly #closed: VersionRule[] = []
  readonly #current = new Map<string, Current>()
  readonly #onProgress: OnProgress | undefined
  readonly #signal: AbortSignal
  readonly #later: LaterMigrations

  /** Once the signal is aborted, phases reject with its reason: the emulator stops then, and all that runs on it. */
  constructor(
    environment: RehearsalEnvironment,
    firstVersion: string,
    {
      signal,
      onProgress,
      migrations = {},
    }: {
      readonly signal: AbortSignal
      readonly onProgress?: OnProgress | undefined
      readonly migrations?: LaterMigrations | undefined
    },
  ) {
    this.environment = environment
    this.observations = new Observations(environment.platform)
    this.#signal = signal
    this.#later = migrations
    this.#onProgress = onProgress
    for (const { name } of environment.platform.services)
      this.#current.set(`service ${name}`, { version: firstVersion, since: 0 })
    for (const { name } of environment.platform.sites)
      this.#current.set(`site ${name}`, { version: firstVersion, since: 0 })
  }

  /** Runs a phase and notes its span. */
  async phase(name: string, work: () => Promise<unknown>): Promise<void> {
    const from = Date.now()
    const before = this.deployments.length
    this.#onProgress?.({ target: 'rehearsal', step: name, state: 'started' })
    this.#signal.throwIfAborted()
    await unlessAborted(work(), this.#signal)
    const extraAwsMs = longest(this.deployments.slice(before))
    this.phases.push({ name, from, until: Date.now(), extraAwsMs })
    await unlessAborted(this.observations.collect(this.environment.emulator.events), this.#signal)
    this.#onProgress?.({ target: 'rehearsal', step: name, state: 'finished' })
  }

  timeline(): Timeline {
    const open = [...this.#current].map(([target, { version, since }]) => ({
      target,
      version,
      span: { from: since, until: Number.POSITIVE_INFINITY },
    }))
    return { versions: [...this.#closed, ...open], shares: this.#shares }
  }

  /**
   * Runs the migration of a version, as its release does before the services. `kind` says which of the files that the
   * traffic names are new in it.
   */
  async migrate(version: string, kind: keyof LaterMigrations): Promise<void> {
    const { clients, clock, platform } = this.environment
    const image = await this.environment.migrations(version, this.#later[kind])
    if (image === undefined) return
    const at = { platform: platform.name, version }
    const reference = await pushMigrationImage(clients, { ...at, image })
    await migrate(clients, { ...at, image: reference, signal: this.#signal }, clock, this.#onProgress)
  }

  /** Releases all of them at once. `inShift` is called once per service, as soon as its production traffic begins to shift. */
  async releaseAll(releases: readonly ReleaseStep[], inShift?: () => Promise<void>): Promise<void> {
    await Promise.all(
      releases.map((step) =>
        step.kind === 'site' ? this.#releaseSite(step) : this.#releaseService(step, inShift),
      ),
    )
  }

  /** Failures and rollbacks are what a step may be about, and no errors. */
  async #releaseService(step: ReleaseStep, inShift?: () => Promise<void>): Promise<void> {
    const { environment } = this
    const platform = environment.platform.name
    const { name: service, version } = step
    const image = await environment.image(service, version, step.fault)
    const reference = await pushServiceImage(environment.clients, { platform, service, version, image })
    const images = await environment.sidecars(service, version)
    const sidecars = await pushSidecarImages(environment.clients, { platform, service, version, images })
    let shifting: Promise<void> | undefined
    const startedAt = Date.now()
    const release = await releaseService(
      environment.clients,
      { platform, service, image: reference, sidecars, version, signal: this.#signal },
      environment.clock,
      (progress) => {
        this.#onProgress?.(progress)
        if (progress.step !== 'AllowTraffic' || progress.state !== 'started') return
        shifting ??= inShift?.()
        // Awaited below; until then a rejection would be unhandled and end the process.
        shifting?.catch(() => undefined)
      },
    )
    await shifting
    this.#noteService(release, step, { from: startedAt, until: Date.now() })
    this.deployments.push(await this.#reportService(release, step))
  }

  async #releaseSite(step: ReleaseStep): Promise<void> {
    const { environment } = this
    const { name: site, version } = step
    const folder = await environment.site(site, version)
    const startedAt = Date.now()
    const steps = new SiteSteps()
    const release = await releaseSite(
      environment.clients,
      { platform: environment.platform.name, site, folder, version, signal: this.#signal },
      environment.clock,
      (progress) => {
        steps.note(progress)
        this.#onProgress?.(progress)
      },
    )
    this.#replace(
      `site ${site}`,
      version,
      startedAt,
      Date.now() + environment.clock.toReal(propagationAwsMs) + slackMs,
    )
    this.deployments.push({
      kind: 'site',
      target: site,
      from: release.from ?? '',
      to: version,
      status: 'Succeeded',
      expected: 'released',
      expectation: describeExpectation(step),
      asExpected: true,
      rolledBack: false,
      durationMs: release.durationMs,
      predictedAwsDurationMs: release.durationMs + propagationAwsMs,
      steps: steps.taken.map((taken) => ({
        ...taken,
        predictedAwsDurationMs: taken.durationMs + (taken.name === 'switch' ? propagationAwsMs : 0),
      })),
    })
  }

  #replace(target: string, version: string, newFrom: number, oldUntil: number): void {
    const old = this.#current.get(target)
    if (old) this.#closed.push({ target, version: old.version, span: { from: old.since, until: oldUntil } })
    this.#current.set(target, { version, since: newFrom })
  }

  #noteService(release: ServiceRelease, { expect }: ReleaseStep, seen: Span): void {
    const target = `service ${release.target}`
    const span = shiftSpan(release.deployment, seen)
    // Without production traffic the new version must not reach any client: there is nothing to allow.
    if (!span) return
    const around = { from: span.from - slackMs, until: span.until + slackMs }
    const share = shareOf(this.environment.platform.delivery.shift)
    const mayFail = expect === 'rolled-back'
    const rule = { target, version: release.to, span: mayFail ? around : span, mayFail }
    if (share !== undefined) this.#shares.push({ ...rule, share })
    if (release.succeeded) this.#replace(target, release.to, around.from, around.until)
    else this.#closed.push({ target, version: release.to, span: around })
  }

  async #reportService(release: ServiceRelease, step: ReleaseStep): Promise<DeploymentReport> {
    const { deployment } = release
    const predictedAwsDurationMs = await this.#predicted(deployment)
    return {
      kind: 'service',
      target: release.target,
      from: release.from ?? '',
      to: release.to,
      status: deployment.status,
      expected: step.expect,
      expectation: describeExpectation(step),
      asExpected: asExpected(step, deployment),
      rolledBack: deployment.rolledBack,
      ...(deployment.message ? { message: describeOutcome(deployment) } : {}),
      durationMs: deployment.durationMs,
      predictedAwsDurationMs,
      steps: await this.#steps(deployment, predictedAwsDurationMs),
    }
  }

  /** No step takes longer on AWS than its deployment, which may have been given up. */
  async #steps({ deploymentId, steps }: DeploymentOutcome, atMostAwsMs: number): Promise<StepReport[]> {
    const timing = await this.environment.emulator.timing(deploymentId)
    const extraAwsMs = new Map(
      timing?.steps.map((step) => [step.name, step.predictedAwsDurationMs - step.durationMs]),
    )
    return steps.map((step) => describeStep(step, extraAwsMs.get(step.name) ?? 0, atMostAwsMs))
  }

  /** What the deployment, and a rollback that followed, would take on AWS. */
  async #predicted(deployment: DeploymentOutcome): Promise<number> {
    const ids = [deployment.deploymentId, deployment.rollbackDeploymentId].filter((id) => id !== undefined)
    const timings = await Promise.all(ids.map((id) => this.environment.emulator.timing(id)))
    const predicted = timings.reduce((sum, timing) => {
      if (!timing) throw new Error(`invariant: the emulator knows the deployments ${ids.join(', ')}`)
      return sum + Math.round(timing.predictedAwsDurationMs)
    }, 0)
    if (deployment.stopped !== 'gave-up') return predicted
    // Here it may wait longer than on AWS, because tasks start at this machine's own speed.
    return Math.min(
      predicted,
      this.environment.platform.delivery.giveUpAfterMinutes * 60_000 + deployment.durationMs,
    )
  }
}

/** The steps of a site's release, which has no deployment on AWS that would keep them. */
class SiteSteps {
  readonly taken: { name: string; status: string; durationMs: number }[] = []
  readonly #startedAt = new Map<string, number>()

  note({ step, state }: Progress): void {
    const startedAt = this.#startedAt.get(step)
    if (state === 'started') this.#startedAt.set(step, Date.now())
    if (state === 'finished' && startedAt !== undefined) {
      this.taken.push({ name: step, status: 'Succeeded', durationMs: Date.now() - startedAt })
    }
  }
}

/** The share that the new version has until the shift is complete; undefined where it has no single one. */
function shareOf(shift: Shift): number | undefined {
  return shift.kind === 'canary' ? shift.percent / 100 : undefined
}

function describeStep(step: LifecycleStep, extraAwsMs: number, atMostAwsMs: number): StepReport {
  const { name, status, startedAt, endedAt } = step
  if (startedAt === undefined || endedAt === undefined) return { name, status }
  const durationMs = Math.round(endedAt - startedAt)
  const onAws = Math.min(durationMs + Math.max(0, extraAwsMs), Math.max(atMostAwsMs, durationMs))
  return { name, status, durationMs, predictedAwsDurationMs: Math.round(onAws) }
}

/** Releases of one phase run beside each other: AWS's time of the longest, instead of the longest here. */
function longest(deployments: readonly DeploymentReport[]): number {
  const most = (durations: readonly number[]) => Math.max(0, ...durations)
  return (
    most(deployments.map((deployment) => deployment.predictedAwsDurationMs)) -
    most(deployments.map((deployment) => deployment.durationMs))
  )
}
