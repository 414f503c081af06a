import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { refuses } from '../test-kit/service-release.test-kit.ts'
import { type StubAws, startStubAws } from '../test-kit/stub-aws.test-kit.ts'
import { registerRevision } from './revision.ts'

const containerDefinitions = ['admin', 'user', 'nginx'].map((name) => ({ name, image: 'template' }))

let aws: StubAws
beforeEach(async () => {
  aws = await startStubAws({
    DescribeTaskDefinition: () => ({
      taskDefinition: { family: 'admin-template', revision: 3, containerDefinitions },
    }),
    RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: 'arn', revision: 1 } }),
  })
})
afterEach(() => aws.close())

const request = { templateFamily: 'admin-template', family: 'admin', version: 'v2' }

test('each container of a revision has its own image, and one that is not named keeps the template’s', async () => {
  await registerRevision(aws.clients, { ...request, images: { admin: 'one', nginx: 'two' } })
  const [registered] = aws.inputsOf('RegisterTaskDefinition')
  assert.deepEqual(registered?.containerDefinitions, [
    { name: 'admin', image: 'one' },
    { name: 'user', image: 'template' },
    { name: 'nginx', image: 'two' },
  ])
})

test('an image of a container that the template does not have is refused before anything is registered', async () => {
  await assert.rejects(
    registerRevision(aws.clients, { ...request, images: { admin: 'one', envoy: 'two' } }),
    refuses('container-missing', /no container envoy; it has admin, user, nginx/),
  )
  assert.deepEqual(aws.inputsOf('RegisterTaskDefinition'), [])
})
