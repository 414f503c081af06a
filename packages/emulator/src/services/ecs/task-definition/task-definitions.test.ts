/** What RegisterTaskDefinition refuses, because AWS does or because it would reach beyond the task's directory. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '../../../protocol/test-kit/refused.test-kit.ts'
import { signedHeaders } from '../../../protocol/test-kit/signing.test-kit.ts'
import { type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'
import { runToEnd } from '../test-kit/tasks.test-kit.ts'

let emulator: TestEmulator
before(async () => {
  emulator = await testEmulator()
})
after(() => emulator[Symbol.asyncDispose]())

type Input = Partial<sdk.RegisterTaskDefinitionCommandInput>

const registered = async (input: Input) => {
  const { taskDefinition } = await emulator.client.send(
    new sdk.RegisterTaskDefinitionCommand({
      family: 'checked',
      containerDefinitions: [{ name: 'app', image: 'job:ok' }],
      ...input,
    }),
  )
  return taskDefinition?.taskDefinitionArn ?? ''
}

const withVolume = (name: string): Input => ({
  volumes: [{ name }],
  containerDefinitions: [
    { name: 'app', image: 'job:ok', mountPoints: [{ sourceVolume: name, containerPath: '/data' }] },
  ],
})

describe('RegisterTaskDefinition refuses', () => {
  const cases: readonly (readonly [what: string, input: Input, message: string])[] = [
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html
    ['a volume name that is a path', withVolume('../../x'), 'volume.name contains invalid characters.'],
    ['a volume name with a dot', withVolume('a.b'), 'volume.name contains invalid characters.'],
    ['an empty volume name', withVolume(''), 'volume.name should not be null or blank.'],
    [
      'a volume name of 256 characters',
      withVolume('x'.repeat(256)),
      'volume.name contains invalid characters.',
    ],
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    [
      'a container name that is a path',
      { containerDefinitions: [{ name: '../app', image: 'job:ok' }] },
      'Container.name contains invalid characters.',
    ],
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
    ['a task cpu beyond every number', { cpu: '1e400' }, "Invalid 'cpu' setting for task."],
    ['a task cpu of no number', { cpu: 'many' }, "Invalid 'cpu' setting for task."],
    ['a task memory beyond every number', { memory: '1e400' }, "Invalid 'memory' setting for task."],
    ['a task memory of nothing', { memory: '0' }, "Invalid 'memory' setting for task."],
  ]
  for (const [what, input, message] of cases) {
    test(what, () => assert.rejects(registered(input), refusal('ClientException', message)))
  }

  // The official client cannot write such a number: JSON has it, and reading it gives infinity.
  test('a container cpu beyond every number', async () => {
    const body = '{"family":"checked","containerDefinitions":[{"name":"app","image":"job:ok","cpu":1e400}]}'
    const { endpoint } = emulator.wire
    const headers = signedHeaders({
      method: 'POST',
      path: '/',
      headers: {
        host: new URL(endpoint).host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition',
      },
      body,
      service: 'ecs',
    })
    const answer = await fetch(endpoint, { method: 'POST', headers, body })
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /SerializationException.*containerDefinitions\.1\.member\.cpu/)
  })
})

test('RegisterTaskDefinition takes each form of a size, and volumes of letters, digits, hyphens and underscores', async () => {
  await registered({ cpu: '0.25 vCPU', memory: '1 GB' })
  await registered({ cpu: '.5vcpu', memory: '0.5GB' })
  await registered({ cpu: '256', memory: '512' })
  const task = await runToEnd(emulator, await registered(withVolume('Data_1-x')), {
    launchType: 'EC2',
    networkConfiguration: undefined,
  })
  assert.equal(task.containers?.[0]?.exitCode, 0)
  assert.equal(existsSync(join(emulator.context.stateDir, 'tasks', task.taskArn?.split('/')[2] ?? '')), false)
})
