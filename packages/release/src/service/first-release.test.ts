import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  atNight,
  manifest,
  type ReleaseStub,
  refuses,
  service,
  startReleaseStub,
  suspended,
} from '../test-kit/service-release.test-kit.ts'

let stub: ReleaseStub
beforeEach(async () => {
  stub = await startReleaseStub()
})
afterEach(() => stub.aws.close())

describe('the first release of a service', () => {
  beforeEach(() => {
    stub.aws.on({ DescribeServices: () => service({ desiredCount: 0 }), UpdateService: () => ({}) })
  })

  test('goes all at once and without the smoke test, and then starts the tasks', async () => {
    stub.deployment({ status: 'Succeeded' })
    stub.aws.on({
      UpdateService: () => {
        stub.aws.on({ DescribeServices: () => service({ version: 'v2', desiredCount: 2 }) })
        return {}
      },
    })
    const result = await stub.release()
    assert.deepEqual([result.first, result.from, result.succeeded], [true, undefined, true])
    const [created] = stub.aws.inputsOf('CreateDeployment')
    assert.equal(created?.deploymentConfigName, 'CodeDeployDefault.ECSAllAtOnce')
    assert.doesNotMatch(JSON.stringify(created), /smoke-test/)
    assert.equal(stub.aws.inputsOf('UpdateService')[0]?.desiredCount, manifest.desiredCount)
  })

  test('says how many tasks run when they do not become healthy, and puts scaling back', async () => {
    stub.deployment({ status: 'Succeeded' })
    stub.aws.on({
      UpdateService: () => {
        stub.aws.on({ DescribeServices: () => service({ version: 'v2', desiredCount: 2, runningCount: 1 }) })
        return {}
      },
    })
    await assert.rejects(stub.release(), refuses('not-healthy', /1 of 2 tasks run/, /logs/))
    assert.deepEqual(stub.suspensions(), [suspended, atNight])
  })

  test('starts no tasks after a deployment that failed', async () => {
    stub.deployment({ status: 'Failed' })
    const result = await stub.release()
    assert.equal(result.succeeded, false)
    assert.deepEqual(stub.aws.inputsOf('UpdateService'), [])
  })
})
