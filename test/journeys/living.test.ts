/**
 * Terraform and the deployments live on one platform. One emulator, one thing after the other: applies before,
 * between, in the middle of and after deployments of both colors; a deployment that is stopped, one that never gets
 * well; a change of the configuration that travels by template; and at last a destroy that leaves nothing. A visitor
 * asks for data all the while, and is always answered.
 */
import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { StopDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { ListClustersCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { clusterName, loadPlatform } from '../../packages/config/src/index.ts'
import { lowerProtections } from '../../packages/infra/src/index.ts'
import {
  deleteRecords,
  releaseSite,
  rollBackSite,
  type ServiceRelease,
  serviceManifest,
} from '../../packages/release/src/index.ts'
import { createDeployment, watchDeployment } from '../../packages/release/src/service/deployment.ts'
import { filesBelow, keptFiles, unexpectedDocuments } from './kept.ts'
import { type LivingPlatform, openLivingPlatform, other, service, stackNames } from './living-platform.ts'
import type { OwnedState } from './owned.ts'
import { plainSites } from './plain-sites.ts'
import { commandsBelow, processesAreVisible } from './processes.ts'
import { type Visitor, visit } from './visitor.ts'
import { accepts, openWorkspace } from './workspace.ts'

describe('a platform lives with its deployments', { timeout: 400_000 }, () => {
  const workspace = openWorkspace()
  let living: LivingPlatform
  let visitor: Visitor
  /** A release of the other service that never gets healthy: giving up takes longer than all else. */
  let failing: Promise<ServiceRelease>
  let atFirst: OwnedState
  /** Task definition of v3, which has the memory of before the change. */
  let earlier = ''

  before(async () => {
    const platform = await loadPlatform(workspace.configure(plainSites))
    living = await openLivingPlatform(platform, workspace.root)
    visitor = await visit(living.stage, service)
    atFirst = await living.owned(other)
  })

  after(async () => {
    await visitor?.leave()
    await living?.close()
    await workspace.close()
  })

  test('right after the first roll-out a plan is empty and an apply changes nothing', async () => {
    await living.nothingToChange()
    // Awaited below.
    failing = living.deploy('v2', { of: other, fault: 'never-healthy' })
    failing.catch(() => undefined)
  })

  for (const { version, halfway, afterwards } of [
    { version: 'v2', halfway: { blue: 10, green: 90 }, afterwards: { blue: 100, green: 0 } },
    { version: 'v3', halfway: { blue: 90, green: 10 }, afterwards: { blue: 0, green: 100 } },
  ]) {
    test(`${version}: neither an apply in mid-shift nor one afterwards touches the deployment`, async () => {
      const release = await living.deploy(version, {
        async inShift(deploymentId) {
          await until(async () => (await living.weights()).blue === halfway.blue)
          const before = await living.nothingToChange()
          assert.deepEqual(before.weights[443], halfway)
          assert.deepEqual(before.suspended, scaling(true))
          assert.deepEqual(await living.weights(), halfway)
          assert.equal(
            await living.statusOf(deploymentId),
            'InProgress',
            'the shift was over before the apply was',
          )
        },
      })
      assert.equal(release.deployment.status, 'Succeeded')
      assert.deepEqual(await living.weights(), afterwards)
      await living.nothingToChange()
      earlier = release.taskDefinition
    })
  }

  test('a deployment that never got healthy, and applies during and after it, left all as it was', async () => {
    const { deployment } = await failing
    assert.deepEqual([deployment.stopped, deployment.rolledBack], ['gave-up', true])
    assert.deepEqual(await living.nothingToChange(other), atFirst)
    assert.equal((await living.running(other)).version, 'v1')
  })

  test('a site’s release and its way back are no change to Terraform either', async () => {
    const at = { platform: living.platform().name, site: 'admin' }
    const folder = await living.stage.site('admin', 'v2')
    await releaseSite(living.stage.clients, { ...at, folder, version: 'v2' }, living.stage.clock)
    assert.equal((await living.nothingToChange()).pointers.admin, 'v2')
    await until(async () => (await visitor.page()).includes('content="v2"'))
    await rollBackSite(living.stage.clients, { ...at, to: 'v1' })
    assert.equal((await living.nothingToChange()).pointers.admin, 'v1')
    await until(async () => (await visitor.page()).includes('content="v1"'))
  })

  test('it is ignore_changes that keeps the plan empty: without it an apply would undo releases', async () => {
    const folder = join(workspace.root, 'careless')
    await cp(living.folderOf('platform'), folder, { recursive: true })
    await withoutIgnoreChanges(join(folder, 'cdk.tf.json'))
    const { changes } = await living.stage.emulator.plan(folder, { stack: 'platform' })
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
    await living.reshape({
      services: living
        .platform()
        .services.map((each) => (each.name === service ? { ...each, memoryMiB: 2048 } : each)),
    })
    const before = await living.owned()
    const plan = await living.stage.emulator.plan(living.folderOf('platform'), { stack: 'platform' })
    assert.deepEqual(
      plan.changes.map(({ address, action, changed }) => ({ address, action, changed })),
      [{ address: `aws_ecs_task_definition.${service}`, action: 'replace', changed: ['memory'] }],
    )
    await living.stage.emulator.apply(living.folderOf('platform'), { stack: 'platform' })
    assert.deepEqual(await living.owned(), before)
    await living.nothingToChange()
    assert.equal(await living.memory(await living.running()), '1024')
    assert.equal(await living.templateIsNewer(), true)
    await living.deploy('v4')
    assert.equal(await living.memory(await living.running()), '2048')
    assert.equal(await living.templateIsNewer(), false)
    await living.nothingToChange()
  })

  test('an apply that changes rule, service and scaling in mid-shift leaves the way back open', async () => {
    const before = await living.owned()
    await living.reshape({
      delivery: { ...living.platform().delivery, originHeaderGeneration: 2 },
      services: living.platform().services.map((each) => ({
        ...each,
        tasks: { min: 1, max: 5 },
        ...(each.traffic && {
          traffic: {
            ...each.traffic,
            health: {
              ...each.traffic.health,
              gracePeriodSeconds: each.traffic.health.gracePeriodSeconds + 30,
            },
          },
        }),
      })),
    })
    const release = await living.deploy('v5', {
      async inShift(deploymentId) {
        await until(async () => (await living.weights()).blue === 90)
        const during = await living.owned()
        const { changes } = await living.stage.emulator.apply(living.folderOf('platform'), {
          stack: 'platform',
        })
        assert.deepEqual(
          [
            `aws_lb_listener_rule.${service}`,
            `aws_ecs_service.${service}`,
            `aws_appautoscaling_target.${service}`,
          ].filter((address) => !changes.some((change) => change.address === address)),
          [],
        )
        assert.deepEqual(await living.owned(), during)
        assert.equal(
          await living.statusOf(deploymentId),
          'InProgress',
          'the shift was over before the apply was',
        )
        const stop = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true })
        await living.stage.clients.codedeploy.send(stop)
      },
    })
    assert.equal(release.deployment.status, 'Stopped')
    assert.equal(release.deployment.rolledBack, true)
    assert.deepEqual(await living.owned(), before)
    assert.equal((await living.running()).version, 'v4')
    await living.nothingToChange()
  })

  test('the revision from before the change is still there to be deployed again', async () => {
    const manifest = await serviceManifest(living.stage.clients, living.platform().name, service)
    const request = { manifest, taskDefinition: earlier, version: 'v3', first: true }
    const deploymentId = await createDeployment(living.stage.clients, request)
    const watch = { giveUpAfterMs: 600_000, clock: living.stage.clock }
    const { status } = await watchDeployment(living.stage.clients, deploymentId, watch)
    assert.equal(status, 'Succeeded')
    assert.deepEqual(
      [(await living.running()).version, await living.memory(await living.running())],
      ['v3', '1024'],
    )
    assert.equal(await living.templateIsNewer(), true)
    await living.nothingToChange()
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
    await living.reshape(lowerProtections(living.platform()))
    for (const stack of stackNames) await living.stage.emulator.apply(living.folderOf(stack), { stack })
    const { ecs } = living.stage.clients
    const { taskArns = [] } = await ecs.send(
      new ListTasksCommand({ cluster: clusterName(living.platform()) }),
    )
    const { names } = await living.stage.emulator.status()
    const sockets = names.flatMap(({ socket }) => socket ?? [])
    assert.equal(taskArns.length, living.platform().services.length)
    assert.equal(sockets.length, 4, 'three listeners and the database')
    assert.deepEqual(
      await Promise.all(sockets.map(accepts)),
      sockets.map(() => true),
    )
    if (processesAreVisible)
      assert.match(commandsBelow(living.stage.emulator.pid).join('\n'), /postgres(.|\n)*server\.js/)

    for (const stack of stackNames.toReversed()) await living.stage.emulator.destroy(stack)
    // As `baton destroy` does it: Terraform does not know what releases wrote.
    await deleteRecords(living.stage.clients, living.platform().name)

    const status = await living.stage.emulator.status()
    assert.deepEqual([status.stacks, status.names], [[], []])
    assert.deepEqual((await ecs.send(new ListClustersCommand({}))).clusterArns, [])
    assert.deepEqual(commandsBelow(living.stage.emulator.pid), [])
    assert.deepEqual(
      await Promise.all(sockets.map(accepts)),
      sockets.map(() => false),
    )
    const state = join(workspace.root, 'stage/emulator')
    assert.deepEqual(filesBelow(state), [...keptFiles, 'emulator.json'].sort())
    await living.stage.emulator.stop()
    assert.deepEqual(filesBelow(state), keptFiles)
    assert.deepEqual(unexpectedDocuments(join(state, 'state/emulator.sqlite')), [])
  })
})

const scaling = (suspended: boolean) => ({
  DynamicScalingInSuspended: suspended,
  DynamicScalingOutSuspended: suspended,
  ScheduledScalingSuspended: suspended,
})

async function withoutIgnoreChanges(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const careless = JSON.parse(text, (key, value) => (key === 'ignore_changes' ? undefined : value))
  await writeFile(file, JSON.stringify(careless))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isSo()); await sleep(50)) {
    assert.ok(Date.now() < end, `not so after a minute: ${isSo}`)
  }
}
