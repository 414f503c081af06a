/**
 * Terraform and the deployments live on one platform. One region, one thing after the other: applies before,
 * between, in the middle of and after deployments of both colors; a deployment that is stopped, one that never gets
 * well; a change of the configuration that travels by template; and at last a destroy that leaves nothing. A visitor
 * asks for data all the while, and is always answered.
 */
import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetDeploymentCommand, StopDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { DescribeTaskDefinitionCommand, ListClustersCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { clusterName, loadPlatform, type Platform } from '../../packages/config/src/index.ts'
import { lowerProtections, synth } from '../../packages/infra/src/index.ts'
import type { Fault } from '../../packages/rehearsal/src/faults/index.ts'
import { openClient } from '../../packages/rehearsal/src/load/client.ts'
import { openStage, type Stage } from '../../packages/rehearsal/src/stage.ts'
import { createDeployment, watchDeployment } from '../../packages/release/src/deployment.ts'
import {
  pushServiceImage,
  releaseService,
  releaseSite,
  rollBackSite,
  runningService,
  type ServiceRelease,
  serviceManifest,
} from '../../packages/release/src/index.ts'
import { filesBelow, keptFiles, unexpectedDocuments } from './kept.ts'
import { type OwnedState, ownedState, type Weights } from './owned.ts'
import { plainSites } from './plain-sites.ts'
import { processes, processesAreVisible } from './processes.ts'
import { openWorkspace } from './workspace.ts'

const stackNames = ['bootstrap', 'platform'] as const
/** The service that is released again and again, and the one whose release fails meanwhile. */
const [service, other] = ['admin', 'user']

describe('a platform lives with its deployments', { timeout: 180_000 }, () => {
  const workspace = openWorkspace()
  let platform: Platform
  let stage: Stage
  let elb: ElasticLoadBalancingV2Client
  let visitor: Visitor
  /** Where the stacks lie as they were synthesized last. */
  let terraform = ''
  /** A release of the other service that never gets healthy: giving up takes longer than all else. */
  let failing: Promise<ServiceRelease>
  let atFirst: OwnedState
  /** Task definition of v3, which has the memory of before the change. */
  let earlier = ''

  before(async () => {
    platform = await loadPlatform(workspace.configure(plainSites))
    const workDir = join(workspace.root, 'stage')
    stage = await openStage({ platform, workDir, cacheDir: join(workspace.root, 'cache'), speed: 60 }, 'v1')
    terraform = join(workDir, 'terraform')
    const { endpoints, credentials } = stage.region
    elb = new ElasticLoadBalancingV2Client({
      region: platform.region,
      endpoint: endpoints.api,
      credentials: { ...credentials },
    })
    visitor = await visit(stage)
    atFirst = await owned(other)
  })

  after(async () => {
    await visitor?.leave()
    elb?.destroy()
    await stage?.close()
    await workspace.close()
  })

  test('right after the first roll-out a plan is empty and an apply changes nothing', async () => {
    await nothingToChange()
    // Awaited below.
    failing = deploy('v2', { of: other, fault: 'never-healthy' })
    failing.catch(() => undefined)
  })

  for (const { version, halfway, afterwards } of [
    { version: 'v2', halfway: { blue: 10, green: 90 }, afterwards: { blue: 100, green: 0 } },
    { version: 'v3', halfway: { blue: 90, green: 10 }, afterwards: { blue: 0, green: 100 } },
  ]) {
    test(`${version}: neither an apply in mid-shift nor one afterwards touches the deployment`, async () => {
      const release = await deploy(version, {
        async inShift(deploymentId) {
          await until(async () => (await weights()).blue === halfway.blue)
          const before = await nothingToChange()
          assert.deepEqual(before.weights[443], halfway)
          assert.deepEqual(before.suspended, scaling(true))
          assert.deepEqual(await weights(), halfway)
          assert.equal(await statusOf(deploymentId), 'InProgress', 'the shift was over before the apply was')
        },
      })
      assert.equal(release.deployment.status, 'Succeeded')
      assert.deepEqual(await weights(), afterwards)
      await nothingToChange()
      earlier = release.taskDefinition
    })
  }

  test('a deployment that never got healthy, and applies during and after it, left all as it was', async () => {
    const { deployment } = await failing
    assert.deepEqual([deployment.stopped, deployment.rolledBack], ['gave-up', true])
    assert.deepEqual(await nothingToChange(other), atFirst)
    assert.equal((await running(other)).version, 'v1')
  })

  test('a site’s release and its way back are no change to Terraform either', async () => {
    const at = { platform: platform.name, site: 'admin' }
    const folder = await stage.site('admin', 'v2')
    await releaseSite(stage.clients, { ...at, folder, version: 'v2' }, stage.pace)
    assert.equal((await nothingToChange()).pointers.admin, 'v2')
    await until(async () => (await visitor.page()).includes('content="v2"'))
    await rollBackSite(stage.clients, { ...at, to: 'v1' })
    assert.equal((await nothingToChange()).pointers.admin, 'v1')
    await until(async () => (await visitor.page()).includes('content="v1"'))
  })

  test('it is ignore_changes that keeps the plan empty: without it an apply would undo releases', async () => {
    const folder = join(workspace.root, 'careless')
    await cp(folderOf('platform'), folder, { recursive: true })
    await withoutIgnoreChanges(join(folder, 'cdk.tf.json'))
    const { changes } = await stage.region.plan(folder, { stack: 'platform' })
    const lost = changes.filter(({ action }) => action === 'update').map(({ address }) => address)
    const deployed = [
      `aws_lb_listener_rule.${service}`,
      `aws_lb_listener_rule.${service}_test`,
      `aws_ecs_service.${service}`,
      `aws_cloudfrontkeyvaluestore_key.${service}`,
    ]
    assert.deepEqual(
      deployed.filter((address) => !lost.includes(address)),
      [],
    )
  })

  test('a change of memory travels by template: apply, then deploy', async () => {
    await reshape({
      services: platform.services.map((each) =>
        each.name === service ? { ...each, memoryMiB: 2048 } : each,
      ),
    })
    const before = await owned()
    const plan = await stage.region.plan(folderOf('platform'), { stack: 'platform' })
    assert.deepEqual(
      plan.changes.map(({ address, action, changed }) => ({ address, action, changed })),
      [{ address: `aws_ecs_task_definition.${service}`, action: 'replace', changed: ['memory'] }],
    )
    await stage.region.apply(folderOf('platform'), { stack: 'platform' })
    assert.deepEqual(await owned(), before)
    await nothingToChange()
    assert.equal(await memory(await running()), '1024')
    assert.equal(await templateIsNewer(), true)
    await deploy('v4')
    assert.equal(await memory(await running()), '2048')
    assert.equal(await templateIsNewer(), false)
    await nothingToChange()
  })

  test('an apply that changes rule, service and scaling in mid-shift leaves the way back open', async () => {
    const before = await owned()
    await reshape({
      delivery: { ...platform.delivery, originHeaderGeneration: 2 },
      services: platform.services.map((each) => ({
        ...each,
        tasks: { min: 1, max: 5 },
        healthCheck: {
          ...each.healthCheck,
          gracePeriodSeconds: each.healthCheck.gracePeriodSeconds + 30,
        },
      })),
    })
    const release = await deploy('v5', {
      async inShift(deploymentId) {
        await until(async () => (await weights()).blue === 90)
        const during = await owned()
        const { changes } = await stage.region.apply(folderOf('platform'), { stack: 'platform' })
        assert.deepEqual(
          [
            `aws_lb_listener_rule.${service}`,
            `aws_ecs_service.${service}`,
            `aws_appautoscaling_target.${service}`,
          ].filter((address) => !changes.some((change) => change.address === address)),
          [],
        )
        assert.deepEqual(await owned(), during)
        assert.equal(await statusOf(deploymentId), 'InProgress', 'the shift was over before the apply was')
        const stop = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true })
        await stage.clients.codedeploy.send(stop)
      },
    })
    assert.equal(release.deployment.status, 'Stopped')
    assert.equal(release.deployment.rolledBack, true)
    assert.deepEqual(await owned(), before)
    assert.equal((await running()).version, 'v4')
    await nothingToChange()
  })

  test('the revision from before the change is still there to be deployed again', async () => {
    const manifest = await serviceManifest(stage.clients, platform.name, service)
    const request = { manifest, taskDefinition: earlier, version: 'v3', first: true }
    const deploymentId = await createDeployment(stage.clients, request)
    const patience = { giveUpAfterMs: 600_000, pace: stage.pace }
    const { status } = await watchDeployment(stage.clients, deploymentId, patience)
    assert.equal(status, 'Succeeded')
    assert.deepEqual([(await running()).version, await memory(await running())], ['v3', '1024'])
    assert.equal(await templateIsNewer(), true)
    await nothingToChange()
  })

  test('all the while every visitor was answered', async () => {
    const { count, failures, versions } = await visitor.leave()
    assert.deepEqual(failures, [])
    assert.ok(count > 100, `${count} requests`)
    // It had its tenth for a moment only.
    versions.delete('v5')
    assert.deepEqual([...versions].sort(), ['v1', 'v2', 'v3', 'v4'])
  })

  test('destroyed, it leaves nothing', async () => {
    await reshape(lowerProtections(platform))
    for (const stack of stackNames) await stage.region.apply(folderOf(stack), { stack })
    const { ecs } = stage.clients
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: clusterName(platform) }))
    const { names } = await stage.region.status()
    const sockets = names.flatMap(({ socket }) => socket ?? [])
    assert.equal(taskArns.length, platform.services.length)
    assert.equal(sockets.length, 4, 'three listeners and the database')
    assert.deepEqual(
      await Promise.all(sockets.map(accepts)),
      sockets.map(() => true),
    )
    if (processesAreVisible)
      assert.match(commandsBelow(stage.region.pid).join('\n'), /postgres(.|\n)*server\.js/)

    for (const stack of stackNames.toReversed()) await stage.region.destroy(stack)

    const status = await stage.region.status()
    assert.deepEqual([status.stacks, status.names], [[], []])
    assert.deepEqual((await ecs.send(new ListClustersCommand({}))).clusterArns, [])
    assert.deepEqual(commandsBelow(stage.region.pid), [])
    assert.deepEqual(
      await Promise.all(sockets.map(accepts)),
      sockets.map(() => false),
    )
    const region = join(workspace.root, 'stage/region')
    assert.deepEqual(filesBelow(region), [...keptFiles, 'region.json'].sort())
    await stage.region.stop()
    assert.deepEqual(filesBelow(region), keptFiles)
    assert.deepEqual(unexpectedDocuments(join(region, 'state/region.sqlite')), [])
  })

  const folderOf = (stack: string) => join(terraform, 'stacks', stack)
  const owned = (of = service) => ownedState(stage.clients, elb, platform, of)
  const weights = async (): Promise<Weights> => (await owned()).weights[443] ?? {}

  /** Fails unless a plan of both stacks is empty and an apply leaves all that deployments own as it was. */
  async function nothingToChange(of = service): Promise<OwnedState> {
    const before = await owned(of)
    for (const stack of stackNames) {
      const { changes } = await stage.region.plan(folderOf(stack), { stack })
      assert.deepEqual(changes, [], `plan of ${stack}`)
      const applied = await stage.region.apply(folderOf(stack), { stack })
      assert.deepEqual(applied.changes, [], `apply of ${stack}`)
    }
    assert.deepEqual(await owned(of), before)
    return before
  }

  /** Changes the configuration and synthesizes it: from here on this is the Terraform. */
  async function reshape(change: Partial<Platform>): Promise<void> {
    platform = { ...platform, ...change }
    terraform = await mkdtemp(join(workspace.root, 'terraform-'))
    await synth(platform, { outDir: terraform })
  }

  /** Releases a version of a service; `inShift` runs as soon as production traffic begins to shift. */
  async function deploy(
    version: string,
    { of = service, fault, inShift }: Trial = {},
  ): Promise<ServiceRelease> {
    const image = await stage.image(of, version, fault)
    const at = { platform: platform.name, service: of, version }
    const reference = await pushServiceImage(stage.clients, { ...at, image })
    let deploymentId = ''
    let shifting: Promise<void> | undefined
    const release = await releaseService(
      stage.clients,
      { ...at, image: reference },
      stage.pace,
      ({ step, state, detail }) => {
        if (step === 'deploy' && state === 'started') deploymentId = detail ?? ''
        if (step === 'AllowTraffic' && state === 'started') shifting ??= inShift?.(deploymentId)
      },
    )
    assert.ok(!inShift || shifting, `${version} has not shifted`)
    await shifting
    return release
  }

  async function statusOf(deploymentId: string) {
    const { deploymentInfo } = await stage.clients.codedeploy.send(new GetDeploymentCommand({ deploymentId }))
    return deploymentInfo?.status
  }

  async function running(of = service) {
    const manifest = await serviceManifest(stage.clients, platform.name, of)
    return runningService(stage.clients, manifest)
  }

  async function memory({ taskDefinition }: { taskDefinition: string }) {
    const answer = await stage.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
    return answer.taskDefinition?.memory
  }

  async function templateIsNewer(): Promise<boolean> {
    const { templateFamily } = await serviceManifest(stage.clients, platform.name, service)
    const { taskDefinition: newest } = await stage.clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: templateFamily }),
    )
    return (await running()).template !== `${newest?.family}:${newest?.revision}`
  }
})

const scaling = (suspended: boolean) => ({
  DynamicScalingInSuspended: suspended,
  DynamicScalingOutSuspended: suspended,
  ScheduledScalingSuspended: suspended,
})

interface Trial {
  readonly of?: string
  readonly fault?: Fault
  readonly inShift?: (deploymentId: string) => Promise<void>
}

interface Visitor {
  /** The site's page as it is served now. */
  page(): Promise<string>
  leave(): Promise<{ count: number; failures: readonly string[]; versions: Set<string> }>
}

/** Asks for data through the front door, twenty times a second and one request after the other. */
async function visit({ platform, region }: Stage): Promise<Visitor> {
  const host = platform.sites.find((site) => site.service === service)?.host ?? ''
  const { hostname, port } = new URL(region.endpoints.https)
  const ca = await readFile(region.caFile, 'utf8')
  const client = openClient({ host, address: hostname, port: Number(port), ca })
  const failures: string[] = []
  const versions = new Set<string>()
  let [count, staying] = [0, true]
  const visiting = (async () => {
    while (staying) {
      const answer = await client.send({ method: 'GET', path: '/api/accounts?limit=1', expect: [200] })
      count++
      if (answer.cause) failures.push(`${answer.cause}: ${answer.detail}`)
      versions.add(answer.version ?? 'none')
      await sleep(50)
    }
  })()
  return {
    page: async () => (await client.send({ method: 'GET', path: '/', expect: [200] })).body.toString(),
    async leave() {
      staying = false
      await visiting
      await client.close()
      return { count, failures, versions }
    },
  }
}

async function withoutIgnoreChanges(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const careless = JSON.parse(text, (key, value) => (key === 'ignore_changes' ? undefined : value))
  await writeFile(file, JSON.stringify(careless))
}

/** Commands of all processes that descend from one. */
function commandsBelow(pid: number): string[] {
  const all = processes()
  const below = (parent: number): string[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each.command, ...below(each.pid)])
  return below(pid)
}

/** Whether something accepts connections at `ADDRESS:PORT`. */
function accepts(socket: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${socket}`)
  return new Promise((resolve) => {
    const connection = connect({ host: hostname, port: Number(port) })
    const answer = (is: boolean) => {
      connection.destroy()
      resolve(is)
    }
    connection.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await isSo()); await sleep(50)) {
    assert.ok(Date.now() < end, `not so after 10 s: ${isSo}`)
  }
}
