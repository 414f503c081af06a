/** The waiters of the official client, which poll the documents of ECS. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { createService, NETWORK, register, testEmulator } from '../test-kit/service.test-kit.ts'
import { running } from '../test-kit/tasks.test-kit.ts'

const limits = { maxWaitTime: 30, minDelay: 1, maxDelay: 1 }

test('the client’s waiters see services become stable and inactive, tasks run and stop', async () => {
  await using emulator = await testEmulator()
  const { client } = emulator
  const wait = { client, ...limits }
  const cluster = 'main'
  const taskDefinition = await register(client, 'app:1')
  await createService(emulator, 'web', taskDefinition)
  const services = { cluster, services: ['web'] }
  const [task] = await running(emulator, 'web', 1)
  const tasks = { cluster, tasks: [task?.taskArn ?? ''] }
  const [stable, runs] = await Promise.all([
    sdk.waitUntilServicesStable(wait, services),
    sdk.waitUntilTasksRunning(wait, tasks),
  ])
  assert.deepEqual([stable.state, runs.state], ['SUCCESS', 'SUCCESS'])

  const job = await register(client, 'job:ok', {}, { family: 'job' })
  const { tasks: [started] = [] } = await client.send(
    new sdk.RunTaskCommand({ cluster, taskDefinition: job, networkConfiguration: NETWORK }),
  )
  await client.send(new sdk.DeleteServiceCommand({ cluster, service: 'web', force: true }))
  const [stopped, ended, inactive] = await Promise.all([
    sdk.waitUntilTasksStopped(wait, { cluster, tasks: [started?.taskArn ?? ''] }),
    sdk.waitUntilTasksStopped(wait, tasks),
    sdk.waitUntilServicesInactive(wait, services),
  ])
  assert.deepEqual([stopped.state, ended.state, inactive.state], ['SUCCESS', 'SUCCESS', 'SUCCESS'])
  await assert.rejects(sdk.waitUntilServicesStable(wait, services), /INACTIVE/)
})

// AWS's waiter counts deployments, and such a service has task sets instead: the waiter times out on AWS too
// (https://github.com/boto/botocore/issues/2865). CodeDeploy has a waiter for its deployments.
test('a service under CODE_DEPLOY is never stable for the client’s waiter, although its task set is', async () => {
  await using emulator = await testEmulator()
  const { client } = emulator
  await createService(emulator, 'web', await register(client, 'app:1'), {
    deploymentController: { type: 'CODE_DEPLOY' },
  })
  await running(emulator, 'web', 1)
  const services = { cluster: 'main', services: ['web'] }
  await assert.rejects(
    sdk.waitUntilServicesStable({ client, maxWaitTime: 2, minDelay: 1, maxDelay: 1 }, services),
    { name: 'TimeoutError' },
  )
})
