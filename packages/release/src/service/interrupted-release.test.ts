/** A release that AWS, the network or another release gets in the way of. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import {
  atNight,
  definition,
  manifest,
  type ReleaseStub,
  refuses,
  startReleaseStub,
  suspended,
} from '../test-kit/service-release.test-kit.ts'
import { Fault } from '../test-kit/stub-aws.test-kit.ts'

let stub: ReleaseStub
beforeEach(async () => {
  stub = await startReleaseStub()
})
afterEach(() => stub.aws.close())

const fail = (name: string, message = 'no') => {
  throw new Fault(name, message)
}

test('a deployment whose answer got lost is found again, and is no other one', async () => {
  stub.deployment({ status: 'Succeeded' })
  let content: unknown
  stub.aws.on({
    CreateDeployment: ({ revision }) => {
      content = (revision as { appSpecContent: { content: string } }).appSpecContent.content
      return fail('DeploymentLimitExceededException', "The group already has an active Deployment 'd-OWN'")
    },
    GetDeployment: () => ({
      deploymentInfo: {
        status: 'Succeeded',
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
      },
    }),
  })
  const { succeeded, deployment } = await stub.release()
  assert.deepEqual([succeeded, deployment.deploymentId], [true, 'd-OWN'])

  stub.aws.on({
    GetDeployment: () => ({ deploymentInfo: { revision: { appSpecContent: { content: 'another' } } } }),
  })
  await assert.rejects(stub.release(), refuses('deployment-refused', /d-OWN/))
})

test('looks again at a deployment that is not known yet, or has not started', async () => {
  stub.deployment({ status: 'Succeeded' })
  let looks = 0
  stub.aws.on({
    GetDeployment: () => {
      looks++
      if (looks === 1) fail('DeploymentDoesNotExistException')
      return { deploymentInfo: { status: looks < 4 ? 'Created' : 'Succeeded' } }
    },
    ListDeploymentTargets: () =>
      looks < 4 ? fail('DeploymentNotStartedException') : { targetIds: ['target'] },
  })
  assert.equal((await stub.release()).succeeded, true)
  assert.ok(looks >= 4)
})

test('a token that expires in mid-deployment ends the watch, not the deployment, and says so', async () => {
  stub.deployment({ status: 'InProgress', install: 'InProgress' })
  let looks = 0
  const look = () => ({ deploymentInfo: { status: 'InProgress' } })
  stub.aws.on({
    GetDeployment: () => (++looks < 3 ? look() : fail('ExpiredTokenException', 'the token has expired')),
    RegisterScalableTarget: () => (looks < 3 ? {} : fail('ExpiredTokenException')),
  })
  await assert.rejects(
    stub.release(),
    refuses('deployment-unwatched', /d-RELEASE .*ExpiredToken/, /get-deployment --deployment-id d-RELEASE/),
  )
  assert.equal(looks, 3, 'AWS is not asked again')
  assert.deepEqual(stub.aws.inputsOf('StopDeployment'), [])
})

test('scaling that cannot be resumed after a release is reported', async () => {
  stub.deployment({ status: 'Succeeded' })
  let calls = 0
  stub.aws.on({ RegisterScalableTarget: () => (++calls === 1 ? {} : fail('AccessDeniedException')) })
  await assert.rejects(stub.release(), refuses('scaling-suspended', /service\/keencho-production\/admin/))
  assert.deepEqual(stub.suspensions(), [suspended, atNight])
})

test('a deployment beside which scaling cannot be suspended is stopped, since it would not be watched', async () => {
  stub.deployment({ status: 'InProgress' })
  stub.aws.on({ RegisterScalableTarget: () => fail('AccessDeniedException') })
  await assert.rejects(stub.release(), { name: 'AccessDeniedException' })
  assert.deepEqual(stub.aws.inputsOf('StopDeployment'), [
    { deploymentId: 'd-RELEASE', autoRollbackEnabled: true },
  ])
})

test('a permission that is missing is not taken for a template that is', async () => {
  stub.aws.on({
    DescribeTaskDefinition: (input) =>
      input.taskDefinition === manifest.templateFamily ? fail('AccessDeniedException') : definition(input),
  })
  await assert.rejects(stub.release(), { name: 'AccessDeniedException' })
})
