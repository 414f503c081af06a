import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { ReleaseError } from '../release-error.ts'
import {
  atNight,
  definition,
  manifest,
  type ReleaseStub,
  refuses,
  service,
  startReleaseStub,
  suspended,
} from '../test-kit/service-release.test-kit.ts'
import { Fault } from '../test-kit/stub-aws.test-kit.ts'
import { describeOutcome } from './deploy-revision.ts'

let stub: ReleaseStub
beforeEach(async () => {
  stub = await startReleaseStub()
})
afterEach(() => stub.aws.close())

const rolledBack = { rollbackInfo: { rollbackDeploymentId: 'd-ROLLBACK' } }

describe('the release of a service', () => {
  test('makes a revision of the template, with the image by digest, and deploys it', async () => {
    stub.deployment({ status: 'InProgress' }, { status: 'Succeeded', allow: 'Succeeded' })
    const result = await stub.release()
    assert.equal(result.succeeded, true)
    assert.deepEqual([result.from, result.to, result.first], ['v1', 'v2', false])
    const [revision] = stub.aws.inputsOf('RegisterTaskDefinition')
    assert.equal(revision?.family, manifest.family)
    assert.equal(revision?.cpu, '512')
    assert.deepEqual(revision?.containerDefinitions, [
      { name: 'app', image: 'registry/admin@sha256:abc', memory: 1024 },
    ])
    assert.equal('status' in (revision ?? {}), false, 'what only descriptions have is left out')
    const [created] = stub.aws.inputsOf('CreateDeployment')
    assert.equal(created?.deploymentConfigName, undefined, 'the group says how traffic shifts')
    assert.match(JSON.stringify(created?.revision), /smoke-test/)
  })

  test('suspends scaling meanwhile, and puts back what was suspended before', async () => {
    stub.deployment({ status: 'Succeeded' })
    await stub.release()
    assert.deepEqual(stub.suspensions(), [suspended, atNight])
  })

  test('is refused while another deployment is under way, and leaves alone what that one has suspended', async () => {
    stub.aws.on({
      CreateDeployment: () => {
        throw new Fault('DeploymentLimitExceededException', 'group is already deploying d-OTHER')
      },
    })
    await assert.rejects(
      stub.release(),
      refuses('deployment-refused', /d-OTHER/, /baton stop service\/admin/),
    )
    assert.deepEqual(stub.suspensions(), [])
  })

  test('is refused with CodeDeploy’s own reason otherwise', async () => {
    stub.aws.on({
      CreateDeployment: () => {
        throw new Fault('InvalidTargetGroupPairException', 'the pair is not right')
      },
    })
    await assert.rejects(
      stub.release(),
      refuses('deployment-refused', /InvalidTargetGroupPairException: the pair/),
    )
  })

  test('is no refusal where AWS itself fails', async () => {
    stub.aws.on({
      CreateDeployment: () => {
        throw new Fault('InternalFailure', 'try later', 500)
      },
    })
    await assert.rejects(stub.release(), (error) => !(error instanceof ReleaseError))
    assert.deepEqual(stub.suspensions(), [])
  })

  test('gives up when the tasks do not become healthy in time, and waits for the rollback', async () => {
    stub.deployment({ status: 'InProgress', install: 'InProgress' })
    stub.aws.on({
      StopDeployment: () => {
        stub.deployment({ status: 'Stopped', install: 'Failed', more: rolledBack })
        return { status: 'Succeeded' }
      },
    })
    const result = await stub.release()
    assert.deepEqual(stub.aws.inputsOf('StopDeployment'), [
      { deploymentId: 'd-RELEASE', autoRollbackEnabled: true },
    ])
    assert.equal(result.succeeded, false)
    assert.equal(result.deployment.stopped, 'gave-up')
    assert.equal(result.deployment.rolledBack, true)
    assert.equal(result.deployment.rollbackDeploymentId, 'd-ROLLBACK')
    assert.deepEqual(
      result.deployment.rollbackSteps?.map(({ name }) => name),
      ['Install', 'AllowTraffic'],
    )
    assert.match(describeOutcome(result.deployment), /did not become healthy in time; rolled back/)
    assert.deepEqual(stub.suspensions(), [suspended, atNight])
  })

  test('does not give up once the tasks are healthy, however long the traffic takes to shift', async () => {
    const shifting = { status: 'InProgress', install: 'Succeeded', allow: 'InProgress' }
    stub.deployment(...Array<typeof shifting>(60).fill(shifting), { status: 'Succeeded' })
    const result = await stub.release()
    assert.equal(result.succeeded, true)
    assert.ok(result.deployment.durationMs > manifest.giveUpAfterMinutes * 60_000)
    assert.deepEqual(stub.aws.inputsOf('StopDeployment'), [])
  })

  test('is stopped and rolled back when its caller is interrupted, even in mid-shift', async () => {
    const controller = new AbortController()
    stub.deployment({ status: 'InProgress', install: 'Succeeded', allow: 'InProgress' })
    stub.aws.on({
      StopDeployment: () => {
        stub.deployment({ status: 'Stopped', more: rolledBack })
        return { status: 'Succeeded' }
      },
      // Its targets are asked for while it is under way.
      ListDeploymentTargets: () => {
        setImmediate(() => controller.abort())
        return { targetIds: ['target'] }
      },
    })
    const { deployment: outcome } = await stub.release(controller.signal)
    assert.equal(outcome.stopped, 'interrupted')
    assert.equal(outcome.rolledBack, true)
    assert.equal(stub.aws.inputsOf('StopDeployment').length, 1, 'it is stopped once')
  })

  test('is not begun when its caller was interrupted before, and scaling goes on', async () => {
    const reason = new Error('interrupted')
    await assert.rejects(stub.release(AbortSignal.abort(reason)), reason)
    assert.deepEqual(stub.aws.inputsOf('CreateDeployment'), [])
    const scaling = stub.aws.inputsOf('RegisterScalableTarget').map(({ SuspendedState }) => SuspendedState)
    assert.equal(scaling.length % 2, 0, 'what was suspended is resumed')
  })

  test('reports the alarm that stopped it', async () => {
    const errorInformation = { code: 'ALARM_ACTIVE', message: 'an alarm has been activated: admin-errors' }
    stub.deployment({ status: 'Stopped', more: { ...rolledBack, errorInformation } })
    const { deployment: outcome } = await stub.release()
    assert.equal(outcome.errorCode, 'ALARM_ACTIVE')
    assert.equal(outcome.stopped, undefined)
    assert.match(describeOutcome(outcome), /Stopped: an alarm has been activated: admin-errors; rolled back/)
  })

  test('does not claim a rollback that failed', async () => {
    stub.deployment({ status: 'Failed', more: rolledBack })
    stub.aws.on({
      GetDeployment: ({ deploymentId }) => ({
        deploymentInfo: { status: 'Failed', ...(deploymentId === 'd-RELEASE' ? rolledBack : {}) },
      }),
    })
    const { deployment: outcome } = await stub.release()
    assert.equal(outcome.rolledBack, false)
    assert.doesNotMatch(describeOutcome(outcome), /rolled back/)
  })

  for (const { what, answers, code, message } of [
    {
      what: 'a platform without the service',
      answers: {
        GetParameter: () => {
          throw new Fault('ParameterNotFound', 'none')
        },
      },
      code: 'manifest-missing',
      message: /services\/admin/,
    },
    {
      what: 'a service that ECS does not have',
      answers: { DescribeServices: () => ({ services: [{ status: 'INACTIVE' }] }) },
      code: 'service-missing',
      message: /no active service admin/,
    },
    {
      what: 'a template without the container',
      answers: {
        DescribeTaskDefinition: () => ({ taskDefinition: { containerDefinitions: [{ name: 'web' }] } }),
      },
      code: 'container-missing',
      message: /no container app; it has web/,
    },
  ] as const) {
    test(`is not begun on ${what}`, async () => {
      stub.aws.on(answers)
      await assert.rejects(stub.release(), refuses(code, message))
      assert.deepEqual(stub.aws.inputsOf('CreateDeployment'), [])
    })
  }

  test('is not begun without a template', async () => {
    stub.aws.on({
      DescribeServices: () => service({ version: 'v1' }),
      DescribeTaskDefinition: ({ taskDefinition }) => {
        if (taskDefinition === manifest.templateFamily) throw new Fault('ClientException', 'not found')
        return definition({ taskDefinition })
      },
    })
    await assert.rejects(stub.release(), refuses('template-missing', /admin-template/, /Apply/))
  })
})
