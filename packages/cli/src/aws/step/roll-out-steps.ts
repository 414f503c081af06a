/** The steps of the runbook, done to AWS. */
import type { Platform } from '@baton/config'
import { pace } from '@baton/release'
import type { Terraform } from '@baton/terraform'
import { UsageError } from '../../failure.ts'
import type { Terminal } from '../../terminal.ts'
import { identify } from '../account/account.ts'
import type { AwsClients } from '../account/clients.ts'
import {
  delegationInstructions,
  isDelegated,
  type ResolveNameServers,
  waitForDelegation,
} from '../account/delegation.ts'
import {
  buildFirst,
  type FirstRelease,
  migrateFirst,
  pushFirst,
  releaseFirstService,
  releaseFirstSite,
} from '../first-release.ts'
import type { RollOutSteps } from '../roll-out.ts'
import type { Confirm } from '../say/question.ts'
import { applyStack } from '../stack/apply-stack.ts'
import { missingSecrets } from '../stack/secrets.ts'
import { adoptStateBucket, type OpenStack } from '../stack/stacks.ts'
import { unreleased } from '../stack/standing.ts'
import { stateBucket } from '../stack/state-bucket.ts'

export interface AwsStepOptions {
  readonly clients: AwsClients
  readonly platform: Platform
  readonly openStack: OpenStack
  readonly version: string
  readonly stateDir: string
  readonly base: FirstRelease['base']
  readonly confirm: Confirm
  readonly terminal: Terminal
  readonly allowReplace: readonly string[]
  readonly waitsForDelegation: boolean
  readonly resolve: ResolveNameServers
  readonly signal?: AbortSignal
}

export function awsSteps(options: AwsStepOptions): RollOutSteps {
  const { clients, platform, openStack, terminal, resolve, signal } = options
  const release: FirstRelease = {
    clients,
    platform,
    version: options.version,
    stateDir: options.stateDir,
    base: options.base,
    pace: pace(),
    onProgress: terminal.progress,
    ...(signal ? { signal } : {}),
  }
  let bootstrap: Terraform | undefined
  return {
    identify: () => identify(clients),
    unreleased: () => unreleased(clients, platform),
    build: (standing) => buildFirst(release, standing),
    stateBucket: stateBucket(clients, platform),
    async applyStack(name) {
      const files = name === 'bootstrap' ? adoptStateBucket(platform) : {}
      const terraform = await openStack(name, { state: 'bucket', files })
      if (name === 'bootstrap') bootstrap = terraform
      return applyStack(name, terraform, options)
    },
    async nameServers() {
      const { name_servers: servers } = (await bootstrap?.outputs()) ?? {}
      const named = Array.isArray(servers) ? servers.filter((server) => typeof server === 'string') : []
      if (named.length > 0) return named
      throw new UsageError(
        'The bootstrap stack does not say the name servers of its hosted zone.',
        'See that baton.infra.ts leaves the output name_servers alone, and run the command again.',
      )
    },
    async waitForDelegation(nameServers) {
      if (options.waitsForDelegation) {
        return waitForDelegation(platform.domain, nameServers, {
          resolve,
          terminal,
          ...(signal ? { signal } : {}),
        })
      }
      if (await isDelegated(platform.domain, nameServers, resolve)) return
      for (const line of delegationInstructions(platform.domain, nameServers)) terminal.note(line)
      terminal.note('Going on all the same: the certificates wait for it, for 75 minutes at most.')
    },
    push: (builds) => pushFirst(release, builds),
    missingSecrets: (services) => missingSecrets(clients, platform, services),
    migrate: (image) => migrateFirst(release, image),
    releaseService: (name, image) => releaseFirstService(release, name, image),
    releaseSite: (name, folder) => releaseFirstSite(release, name, folder),
  }
}
