/** CodeDeploy's reads: pages, revisions, tags, and the client's waiter. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { appSpec, startCodedeploy } from './test-kit/codedeploy.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>
let client: sdk.CodeDeployClient
let done: string

const application = { applicationName: 'app' }
const revision: sdk.RevisionLocation = {
  revisionType: 'AppSpecContent',
  appSpecContent: { content: appSpec() },
}

before(async () => {
  emulator = await startCodedeploy()
  client = emulator.client
  await emulator.group()
  done = await emulator.deploy()
  await emulator.until(done, 'Succeeded')
})
after(() => emulator.stop())

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListApplications.html
test('lists in pages of a hundred, with a token for the next', async () => {
  for (const index of Array(105).keys()) {
    const applicationName = `paged-${index}`
    await client.send(new sdk.CreateApplicationCommand({ applicationName, computePlatform: 'ECS' }))
  }
  const pages: number[] = []
  const names: string[] = []
  for await (const { applications = [] } of sdk.paginateListApplications({ client }, {})) {
    pages.push(applications.length)
    names.push(...applications)
  }
  assert.deepEqual(pages, [100, 6])
  assert.equal(new Set(names).size, 106)
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/application-revisions.html
test('knows the revisions that were registered and those that deployments brought along', async () => {
  const other: sdk.RevisionLocation = {
    revisionType: 'S3',
    s3Location: { bucket: 'specs', key: 'admin/1.yaml', bundleType: 'YAML' },
  }
  await client.send(
    new sdk.RegisterApplicationRevisionCommand({ ...application, revision: other, description: 'by hand' }),
  )
  const list = async (input: Partial<sdk.ListApplicationRevisionsCommandInput>) => {
    const { revisions = [] } = await client.send(
      new sdk.ListApplicationRevisionsCommand({ ...application, ...input }),
    )
    return revisions.map(({ revisionType }) => revisionType)
  }
  assert.deepEqual(await list({ sortOrder: 'descending' }), ['S3', 'AppSpecContent'])
  assert.deepEqual(await list({ s3Bucket: 'specs', s3KeyPrefix: 'admin/' }), ['S3'])
  assert.deepEqual(await list({ deployed: 'include' }), ['AppSpecContent'])
  const { revisionInfo } = await client.send(
    new sdk.GetApplicationRevisionCommand({ ...application, revision }),
  )
  assert.equal(revisionInfo?.description, `Application revision registered by Deployment ID: ${done}`)
  assert.deepEqual(revisionInfo?.deploymentGroups, ['admin'])
  const { revisions, errorMessage } = await client.send(
    new sdk.BatchGetApplicationRevisionsCommand({ ...application, revisions: [other, revision] }),
  )
  assert.deepEqual([revisions?.length, errorMessage], [2, undefined])
  assert.equal(revisions?.[0]?.genericRevisionInfo?.description, 'by hand')
})

test('keeps tags of applications and groups, also when they are renamed', async () => {
  const arn = (resource: string) => `arn:aws:codedeploy:ap-northeast-2:000000000000:${resource}`
  const read = async (ResourceArn: string) =>
    (await client.send(new sdk.ListTagsForResourceCommand({ ResourceArn }))).Tags
  const Tags = [{ Key: 'team', Value: 'a' }]
  await client.send(
    new sdk.CreateApplicationCommand({ applicationName: 'tagged', computePlatform: 'ECS', tags: Tags }),
  )
  assert.deepEqual(await read(arn('application:tagged')), Tags)
  await client.send(
    new sdk.UpdateApplicationCommand({ applicationName: 'tagged', newApplicationName: 'renamed' }),
  )
  assert.deepEqual(await read(arn('application:renamed')), Tags)
  await client.send(new sdk.TagResourceCommand({ ResourceArn: arn('deploymentgroup:app/admin'), Tags }))
  assert.deepEqual(await read(arn('deploymentgroup:app/admin')), Tags)
  await client.send(
    new sdk.UntagResourceCommand({ ResourceArn: arn('deploymentgroup:app/admin'), TagKeys: ['team'] }),
  )
  assert.deepEqual(await read(arn('deploymentgroup:app/admin')), [])
  await assert.rejects(read(arn('application:tagged')), refusal('ApplicationDoesNotExistException'))
})

test('has no instances, no connections to GitHub, and nothing to delete for other systems', async () => {
  assert.deepEqual((await client.send(new sdk.ListOnPremisesInstancesCommand({}))).instanceNames, [])
  assert.deepEqual((await client.send(new sdk.ListGitHubAccountTokenNamesCommand({}))).tokenNameList, [])
  await client.send(new sdk.DeleteResourcesByExternalIdCommand({ externalId: 'x' }))
})

test('the client’s waiter sees a deployment succeed', async () => {
  const { state } = await sdk.waitUntilDeploymentSuccessful(
    { client, maxWaitTime: 5, minDelay: 1 },
    { deploymentId: done },
  )
  assert.equal(state, 'SUCCESS')
})
