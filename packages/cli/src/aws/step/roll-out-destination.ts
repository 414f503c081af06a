/**
 * AWS as the destination of a roll-out: what only exists there. Terraform's state has a bucket, the new hosted zone must
 * be delegated, changes are confirmed by a person, and secrets get their values from `baton secret set`.
 */
import type { Platform } from '@baton/config'
import type { RollOutDestination, UnreleasedTargets } from '@baton/release'
import type { Terraform } from '@baton/terraform'
import { adoptSecrets } from '../../stack/deleted-secrets.ts'
import type { Terminal } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'
import type { Account } from '../account/account.ts'
import type { AwsClients } from '../account/clients.ts'
import {
  delegationInstructions,
  isDelegated,
  type ResolveNameServers,
  waitForDelegation,
} from '../account/delegation.ts'
import { type AppliedStack, applyStack } from '../stack/apply-stack.ts'
import { missingSecrets, type SecretReference } from '../stack/secrets.ts'
import { adoptStateBucket, type OpenStack } from '../stack/stacks.ts'
import { stateBucket } from '../stack/state-bucket.ts'
import type { Confirm } from '../terminal/prompt.ts'

export interface AwsDestinationOptions {
  readonly account: Account
  readonly clients: AwsClients
  readonly platform: Platform
  readonly version: string
  readonly openStack: OpenStack
  readonly confirm: Confirm
  readonly terminal: Terminal
  /** Addresses that may be replaced or deleted although data is lost. */
  readonly allowReplace: readonly string[]
  readonly waitsForDelegation: boolean
  readonly resolve: ResolveNameServers
  readonly signal?: AbortSignal
}

export function awsDestination(options: AwsDestinationOptions): RollOutDestination<AppliedStack> {
  const { account, clients, platform, version, openStack, confirm } = options
  const state = stateBucket(clients, platform, account.id)
  let bucket: string | undefined
  let bootstrap: Terraform | undefined
  return {
    async confirm(targets) {
      const waiting = describeTargets(targets)
      if (waiting === '') return
      await confirm(
        `First release, as ${version}: ${waiting}. Build it, and release it once the platform is applied?`,
      )
    },
    async prepare() {
      bucket = await state.find()
      if (bucket !== undefined) return
      await confirm(
        `Account ${account.id} has no platform ${platform.name} yet. Create the bucket ${state.newName} for Terraform’s state?`,
      )
      bucket = await state.create()
    },
    async applyStack(name) {
      if (bucket === undefined) throw new Error('invariant: the destination was prepared')
      const files = name === 'bootstrap' ? adoptStateBucket(bucket) : await adoptSecrets(clients, platform)
      const terraform = await openStack(name, { bucket, files })
      if (name === 'bootstrap') bootstrap = terraform
      return applyStack(name, terraform, options)
    },
    async waitForBootstrap() {
      if (platform.hostedZone === 'create') await delegated(await nameServersOf(bootstrap), options)
    },
    async supplySecrets(services) {
      const empty = await missingSecrets(clients, platform, services)
      if (empty.length > 0) throw withoutValues(empty)
    },
    retry: `Read the service’s log and fix it. Then run the command again with another --version than ${version}.`,
  }
}

/** Of the hosted zone that the bootstrap stack created. */
async function nameServersOf(bootstrap: Terraform | undefined): Promise<readonly string[]> {
  const { name_servers: servers } = (await bootstrap?.outputs()) ?? {}
  const named = Array.isArray(servers) ? servers.filter((server) => typeof server === 'string') : []
  if (named.length > 0) return named
  throw new UsageError(
    'The bootstrap stack has no output with the name servers of its hosted zone.',
    'Keep the output name_servers in baton.infra.ts, and run the command again.',
  )
}

/** Throws when it is interrupted. */
async function delegated(nameServers: readonly string[], options: AwsDestinationOptions): Promise<void> {
  const { platform, resolve, terminal, waitsForDelegation, signal } = options
  if (waitsForDelegation) {
    const more = { resolve, terminal, ...(signal ? { signal } : {}) }
    return waitForDelegation(platform.domain, nameServers, more)
  }
  if (await isDelegated(platform.domain, nameServers, resolve)) return
  for (const line of delegationInstructions(platform.domain, nameServers)) terminal.note(line)
  terminal.note('The command continues. The certificates wait for the delegation, for 75 minutes at most.')
}

function withoutValues(empty: readonly SecretReference[]): UsageError {
  return new UsageError(
    `The platform is applied, but these secrets have no value, and tasks that need them would not start: ${empty.map(({ service, name }) => `${service} ${name}`).join(', ')}.`,
    `${empty.map(({ service, name }) => `baton secret set ${service} ${name}`).join('; ')}; then run the command again.`,
  )
}

function describeTargets({ services, sites, jobs }: UnreleasedTargets): string {
  const parts = [
    ...(services.length > 0 ? [`services ${services.join(', ')}`] : []),
    ...(sites.length > 0 ? [`sites ${sites.join(', ')}`] : []),
    ...(jobs.length > 0 ? [`jobs ${jobs.join(', ')}`] : []),
  ]
  return parts.join('; ')
}
