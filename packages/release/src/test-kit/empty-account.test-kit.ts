/**
 * For tests of roll-outs: an AWS account that begins with nothing in it. What a roll-out does stays, and what is there
 * decides what the next one does. The official clients speak to it over a socket, and images are pushed to a registry.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPlatform, type Platform } from '@baton/config'
import { imageFromFolder } from '@baton/image'
import { startTestRegistry } from '@baton/image/test-registry'
import type { PlatformBuilder } from '../roll-out/builder.ts'
import { manifestsOf } from './manifests.test-kit.ts'
import { Fault, type StubAws, startStubAws } from './stub-aws.test-kit.ts'

export interface EmptyAccount extends AsyncDisposable {
  readonly aws: StubAws
  /** With two services and two sites. */
  readonly platform: Platform
  /** Builds quickly: every image is the same. */
  readonly builder: PlatformBuilder
  /** What was done, in order: `bootstrap`, `image admin`, `platform`, `migration`, `service admin`, `site admin`. */
  readonly log: readonly string[]
  /** Makes the next attempt to do this fail. */
  failAt(what: string): void
  /** Notes that something has been done; throws where it is to fail. */
  note(what: string): void
  apply(stack: string): void
  /** As if this service or site had never been released. */
  forget(target: string): void
  /** Ends the first release of a service as CodeDeploy would. */
  deploymentStatus: string
  /** The service whose deployments fail. */
  failingService: string | undefined
  /** Newest revision of a template by its family, where it is not the first. */
  readonly templates: Map<string, number>
  /** Exit code of the migration. */
  exitCode: number
}

export async function openEmptyAccount(): Promise<EmptyAccount> {
  const root = new URL('../../../../examples/accounts/baton.config.ts', import.meta.url)
  const platform = await loadPlatform(root.pathname)
  const manifests = manifestsOf(platform)
  const registry = await startTestRegistry()
  const folder = mkdtempSync(join(tmpdir(), 'baton-account-'))
  const site = join(folder, 'site')
  mkdirSync(site)
  writeFileSync(join(site, 'index.html'), '<html></html>')
  const image = await imageFromFolder({
    folder: site,
    command: ['node', 'server.js'],
    architecture: 'arm64',
    cacheDir: join(folder, 'cache'),
  })
  const log: string[] = []
  const stacks = new Set<string>()
  const services = new Map<string, { taskDefinition: string; desiredCount: number }>()
  const tags = new Map<string, { key: string; value: string }[]>()
  let registered = 0
  let failing: string | undefined

  const note = (what: string) => {
    if (failing === what) {
      failing = undefined
      throw new Fault('AccessDeniedException', `the test fails at ${what}`)
    }
    log.push(what)
  }
  const isPushed = (repository: string, tag: string) =>
    registry.requests.includes(`PUT /v2/${repository}/manifests/${tag}`)
  const aws = await startStubAws({
    GetCallerIdentity: () =>
      '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
    GetParameter({ Name }) {
      const manifest = stacks.has('platform') ? manifests.get(String(Name)) : undefined
      if (manifest === undefined) throw new Fault('ParameterNotFound', `no ${Name}`)
      return { Parameter: { Value: JSON.stringify(manifest) } }
    },
    DescribeRepositories({ repositoryNames }) {
      if (!stacks.has('bootstrap')) throw new Fault('RepositoryNotFoundException', 'no such repository')
      const host = new URL(registry.endpoint).host
      return { repositories: [{ repositoryUri: `${host}/${String(repositoryNames)}` }] }
    },
    DescribeImages({ repositoryName, imageIds }) {
      const [{ imageTag }] = imageIds as [{ imageTag: string }]
      if (isPushed(String(repositoryName), imageTag)) return { imageDetails: [{ imageDigest: image.digest }] }
      note(`image ${String(repositoryName).split('/')[1]}`)
      throw new Fault('ImageNotFoundException', 'no such image')
    },
    GetAuthorizationToken: () => ({
      authorizationData: [{ authorizationToken: btoa('AWS:secret'), proxyEndpoint: registry.endpoint }],
    }),
    DescribeServices({ services: names }) {
      const [name = ''] = names as string[]
      const { taskDefinition, desiredCount } = services.get(name) ?? { taskDefinition: '', desiredCount: 0 }
      const stabilityStatus = 'STEADY_STATE'
      const primary = { status: 'PRIMARY', taskDefinition, runningCount: desiredCount, stabilityStatus }
      return { services: [{ status: 'ACTIVE', desiredCount, taskDefinition, taskSets: [primary] }] }
    },
    DescribeTaskDefinition({ taskDefinition }) {
      const name = String(taskDefinition)
      const revision = account.templates.get(name) ?? 1
      return {
        taskDefinition: {
          family: name,
          revision,
          taskDefinitionArn: `arn:aws:ecs:::task-definition/${name}:${revision}`,
          containerDefinitions: [{ name: 'app' }, { name: 'migrate' }],
        },
        tags: tags.get(name) ?? [],
      }
    },
    RegisterTaskDefinition({ family, tags: given }) {
      const revision = ++registered
      const taskDefinitionArn = `arn:aws:ecs:::task-definition/${family}:${revision}`
      tags.set(taskDefinitionArn, given as { key: string; value: string }[])
      return { taskDefinition: { taskDefinitionArn, revision } }
    },
    RunTask() {
      note('migration')
      return { tasks: [{ taskArn: 'arn:aws:ecs:::task/cluster/1234' }] }
    },
    DescribeTasks: () => ({
      tasks: [{ lastStatus: 'STOPPED', containers: [{ name: 'migrate', exitCode: account.exitCode }] }],
    }),
    DescribeScalableTargets: () => ({ ScalableTargets: [] }),
    CreateDeployment({ deploymentGroupName, revision }) {
      const name = String(deploymentGroupName)
      note(`service ${name}`)
      const { appSpecContent } = revision as { appSpecContent: { content: string } }
      const [resource] = JSON.parse(appSpecContent.content).Resources
      const { TaskDefinition: taskDefinition } = resource.TargetService.Properties
      const before = services.get(name)
      const desiredCount = before?.desiredCount ?? 0
      const fails = account.failingService === name
      services.set(name, before && fails ? before : { taskDefinition, desiredCount })
      return { deploymentId: `d-${name}` }
    },
    GetDeployment: ({ deploymentId }) => ({
      deploymentInfo: {
        status: `d-${account.failingService}` === deploymentId ? 'Failed' : account.deploymentStatus,
      },
    }),
    ListDeploymentTargets: () => ({ targetIds: [] }),
    UpdateService({ service, desiredCount }) {
      const known = services.get(String(service))
      if (known) services.set(String(service), { ...known, desiredCount: Number(desiredCount) })
      return {}
    },
  })
  aws.beforeUpdate = ([host = '']) => {
    note(`site ${platform.sites.find((candidate) => candidate.host === host)?.name}`)
  }
  for (const { host } of platform.sites) aws.keys.set(host, 'none')

  const account: EmptyAccount = {
    aws,
    platform,
    builder: {
      migrations: async () => image,
      service: async () => image,
      sidecars: async () => ({}),
      job: async () => image,
      site: async () => site,
    },
    log,
    failAt(what) {
      failing = what
    },
    note,
    apply(stack) {
      note(stack)
      stacks.add(stack)
    },
    forget(target) {
      const [kind, name = ''] = target.split(' ')
      const host = platform.sites.find((site) => site.name === name)?.host
      if (kind === 'service') services.delete(name)
      else if (host !== undefined) aws.keys.set(host, 'none')
    },
    deploymentStatus: 'Succeeded',
    failingService: undefined,
    templates: new Map(),
    exitCode: 0,
    async [Symbol.asyncDispose]() {
      aws.close()
      await registry[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
  return account
}
