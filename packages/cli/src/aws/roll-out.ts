/**
 * `baton apply`, as a runbook: from an account with nothing in it to a platform that serves. Each step asks AWS and
 * Terraform where it stands and does only what is missing, so it may be stopped anywhere and started again, from
 * any machine; nothing of it is remembered in a file.
 */
import type { Platform } from '@baton/config'
import { UsageError } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import type { Account } from './account/account.ts'
import type { Builds, PushedImages } from './first-release.ts'
import type { Confirm } from './say/question.ts'
import type { AppliedStack } from './stack/apply-stack.ts'
import type { SecretReference } from './stack/secrets.ts'
import type { Standing } from './stack/standing.ts'

/** What the runbook does to the world; `roll-out-steps.ts` does it to AWS. */
export interface RollOutSteps {
  identify(): Promise<Account>
  unreleased(): Promise<Standing>
  build(standing: Standing): Promise<Builds>
  readonly stateBucket: { readonly name: string; exists(): Promise<boolean>; create(): Promise<void> }
  applyStack(name: 'bootstrap' | 'platform'): Promise<AppliedStack>
  /** Of the hosted zone that the bootstrap stack made. */
  nameServers(): Promise<readonly string[]>
  /** Throws when it is interrupted. */
  waitForDelegation(nameServers: readonly string[]): Promise<void>
  push(builds: Builds): Promise<PushedImages>
  missingSecrets(services: readonly string[]): Promise<readonly SecretReference[]>
  migrate(image: string): Promise<void>
  releaseService(name: string, image: string): Promise<void>
  releaseSite(name: string, folder: string): Promise<void>
}

export interface RolledOutPlatform {
  readonly account: string
  readonly stacks: readonly AppliedStack[]
  readonly released: Standing
  readonly urls: readonly string[]
}

export interface RollOutOptions {
  readonly platform: Platform
  readonly version: string
  readonly confirm: Confirm
  readonly terminal: Pick<Terminal, 'note'>
  readonly signal?: AbortSignal
}

/** Throws what a step throws; every step may be run again. */
export async function rollOutOnAws(steps: RollOutSteps, options: RollOutOptions): Promise<RolledOutPlatform> {
  const { platform, version, confirm, terminal, signal } = options
  const account = await steps.identify()
  terminal.note(
    `Account ${account.id} as ${account.arn}, region ${platform.region}, platform ${platform.name}`,
  )
  const standing = await steps.unreleased()
  const waiting = describeStanding(standing)
  if (waiting)
    await confirm(
      `First release, as ${version}: ${waiting}. Build it, and release it when the platform stands?`,
    )
  const builds = await steps.build(standing)
  if (!(await steps.stateBucket.exists())) {
    await confirm(
      `Account ${account.id} has no platform ${platform.name} yet. Make the bucket ${steps.stateBucket.name} for Terraform’s state?`,
    )
    await steps.stateBucket.create()
  }
  const bootstrap = await steps.applyStack('bootstrap')
  signal?.throwIfAborted()
  if (platform.hostedZone === 'create') await steps.waitForDelegation(await steps.nameServers())
  const images = await steps.push(builds)
  signal?.throwIfAborted()
  const stack = await steps.applyStack('platform')
  signal?.throwIfAborted()
  await release(steps, { builds, images, standing, ...(signal ? { signal } : {}) })
  return {
    account: account.id,
    stacks: [bootstrap, stack],
    released: standing,
    urls: [
      ...platform.sites.map(({ host }) => `https://${host}`),
      ...(platform.resources ? [`https://${platform.resources.host}`] : []),
    ],
  }
}

async function release(
  steps: RollOutSteps,
  plan: { builds: Builds; images: PushedImages; standing: Standing; signal?: AbortSignal },
): Promise<void> {
  const { builds, images, standing, signal } = plan
  const empty = await steps.missingSecrets(standing.services)
  if (empty.length > 0) throw withoutValues(empty)
  if (images.migrations !== undefined) await steps.migrate(images.migrations)
  for (const [name, image] of Object.entries(images.services)) {
    signal?.throwIfAborted()
    await steps.releaseService(name, image)
  }
  for (const [name, folder] of Object.entries(builds.sites)) {
    signal?.throwIfAborted()
    await steps.releaseSite(name, folder)
  }
}

function withoutValues(empty: readonly SecretReference[]): UsageError {
  return new UsageError(
    `The platform stands, but these secrets have no value, and tasks that need them would not start: ${empty.map(({ service, name }) => `${service} ${name}`).join(', ')}.`,
    `${empty.map(({ service, name }) => `baton secret set ${service} ${name}`).join('; ')}; then run the command again.`,
  )
}

function describeStanding({ services, sites }: Standing): string {
  const parts = [
    ...(services.length > 0 ? [`services ${services.join(', ')}`] : []),
    ...(sites.length > 0 ? [`sites ${sites.join(', ')}`] : []),
  ]
  return parts.join('; ')
}
