/** CodeDeploy's API as its callers meet it: what it has, what it refuses, and its errors. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { assertDecided, assertRefuses, refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { appSpec, startCodedeploy } from './test-kit/codedeploy.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>
let client: sdk.CodeDeployClient
let done: string

before(async () => {
  emulator = await startCodedeploy()
  client = emulator.client
  await emulator.group()
  done = await emulator.deploy()
  await emulator.until(done, 'Succeeded')
})
after(() => emulator.stop())

test('serves or refuses by name every operation that AWS has', async () => {
  const { api } = emulator.codeDeploy
  assert.ok(api)
  assertDecided(api)
  await using wire = await serveForTest([api])
  await assertRefuses(wire, api)
})

type Case = readonly [what: string, command: object, code: string, message?: string | RegExp]

const application = { applicationName: 'app' }
const unknown = { deploymentId: 'd-ABCDEF123' }
const revision: sdk.RevisionLocation = {
  revisionType: 'AppSpecContent',
  appSpecContent: { content: appSpec() },
}
const deployment = { ...application, deploymentGroupName: 'admin', revision }
const many = (count: number) => Array.from({ length: count }, (_, index) => `name-${index}`)

describe('refuses', () => {
  const never = 'The deployment d-ABCDEF123 could not be found'
  const cases: Case[] = [
    ...(
      [
        new sdk.GetDeploymentCommand(unknown),
        new sdk.StopDeploymentCommand(unknown),
        new sdk.ContinueDeploymentCommand(unknown),
        new sdk.ListDeploymentTargetsCommand(unknown),
        new sdk.GetDeploymentTargetCommand({ ...unknown, targetId: 'main:admin' }),
        new sdk.ListDeploymentInstancesCommand(unknown),
        new sdk.SkipWaitTimeForInstanceTerminationCommand(unknown),
        new sdk.PutLifecycleEventHookExecutionStatusCommand({
          ...unknown,
          lifecycleEventHookExecutionId: 'x',
        }),
      ] as object[]
    ).map(
      (command): Case => [
        `${command.constructor.name.replace(/Command$/, '')} of no deployment`,
        command,
        'DeploymentDoesNotExistException',
        never,
      ],
    ),
    [
      'what is no id of a deployment',
      new sdk.GetDeploymentCommand({ deploymentId: 'none' }),
      'InvalidDeploymentIdException',
      'Specified DeploymentId is not in the valid format: none',
    ],
    [
      'no id of a deployment',
      new sdk.GetDeploymentCommand({ deploymentId: undefined }),
      'DeploymentIdRequiredException',
      'Deployment id is required',
    ],
    [
      'no application',
      new sdk.GetApplicationCommand({ applicationName: 'none' }),
      'ApplicationDoesNotExistException',
      'No application found for name: none',
    ],
    [
      'an application twice',
      new sdk.CreateApplicationCommand({ ...application, computePlatform: 'ECS' }),
      'ApplicationAlreadyExistsException',
    ],
    [
      'a name of 101 characters',
      new sdk.CreateApplicationCommand({ applicationName: 'a'.repeat(101), computePlatform: 'ECS' }),
      'InvalidApplicationNameException',
    ],
    [
      'no name of an application',
      new sdk.ListDeploymentGroupsCommand({ applicationName: undefined }),
      'ApplicationNameRequiredException',
    ],
    [
      'no group',
      new sdk.CreateDeploymentCommand({ ...deployment, deploymentGroupName: 'none' }),
      'DeploymentGroupDoesNotExistException',
      'No Deployment Group found for name: none',
    ],
    [
      'no configuration',
      new sdk.CreateDeploymentCommand({ ...deployment, deploymentConfigName: 'none' }),
      'DeploymentConfigDoesNotExistException',
      'No Deployment Config found for name: none',
    ],
    [
      'no revision',
      new sdk.CreateDeploymentCommand({ ...deployment, revision: undefined }),
      'RevisionRequiredException',
      'RevisionLocation must be specified',
    ],
    [
      'a revision in a bundle of the wrong type',
      new sdk.CreateDeploymentCommand({
        ...deployment,
        revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'zip' } },
      }),
      'InvalidRevisionException',
      'BundleType must be either YAML or JSON',
    ],
    [
      'options of instances',
      new sdk.CreateDeploymentCommand({ ...deployment, fileExistsBehavior: 'OVERWRITE' }),
      'InvalidFileExistsBehaviorException',
      'For Lambda, ECS and Kubernetes deployment, fileExistsBehavior can not be specified',
    ],
    [
      'a status that there is not',
      new sdk.ListDeploymentsCommand({ includeOnlyStatuses: ['None' as 'Failed'] }),
      'InvalidDeploymentStatusException',
    ],
    [
      'a range that ends before it starts',
      new sdk.ListDeploymentsCommand({ createTimeRange: { start: new Date(2), end: new Date(1) } }),
      'InvalidTimeRangeException',
    ],
    [
      'a group without its application',
      new sdk.ListDeploymentsCommand({ deploymentGroupName: 'admin' }),
      'ApplicationNameRequiredException',
    ],
    [
      'a token that was never given out',
      new sdk.ListDeploymentsCommand({ nextToken: '?' }),
      'InvalidNextTokenException',
    ],
    [
      'a batch of 26 deployments',
      new sdk.BatchGetDeploymentsCommand({ deploymentIds: many(26) }),
      'BatchLimitExceededException',
    ],
    [
      'an on-premises instance',
      new sdk.GetOnPremisesInstanceCommand({ instanceName: 'mine' }),
      'InstanceNotRegisteredException',
      /mine/,
    ],
    [
      'a connection to GitHub',
      new sdk.DeleteGitHubAccountTokenCommand({ tokenName: 'mine' }),
      'GitHubAccountTokenDoesNotExistException',
      /mine/,
    ],
    [
      'a revision that was never registered',
      new sdk.GetApplicationRevisionCommand({
        ...application,
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content: 'other' } },
      }),
      'RevisionDoesNotExistException',
    ],
    [
      'tags of something else',
      new sdk.ListTagsForResourceCommand({ ResourceArn: 'arn:aws:codedeploy:r:0:deploymentconfig:x' }),
      'ArnNotSupportedException',
    ],
    ['what is no ARN', new sdk.ListTagsForResourceCommand({ ResourceArn: 'x' }), 'InvalidArnException'],
    [
      'the compute platform Server',
      new sdk.CreateApplicationCommand({ applicationName: 'x' }),
      'InvalidComputePlatformException',
    ],
  ]
  for (const [what, command, code, message] of cases) {
    test(what, () => assert.rejects(client.send(command as sdk.GetDeploymentCommand), refusal(code, message)))
  }

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
  test('a second deployment while one is under way', async () => {
    const first = await emulator.deploy({
      deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent15Minutes',
    })
    await assert.rejects(
      client.send(new sdk.CreateDeploymentCommand(deployment)),
      refusal(
        'DeploymentLimitExceededException',
        `The Deployment Group 'admin' already has an active Deployment '${first}'`,
      ),
    )
    await client.send(new sdk.StopDeploymentCommand({ deploymentId: first, autoRollbackEnabled: false }))
    await emulator.until(first, 'Stopped')
    const again = await client.send(new sdk.StopDeploymentCommand({ deploymentId: first }))
    assert.equal(again.status, 'Succeeded')
    await assert.rejects(
      client.send(new sdk.StopDeploymentCommand({ deploymentId: done })),
      refusal('DeploymentAlreadyCompletedException'),
    )
  })

  test('the instances and unknown targets of a deployment to ECS', async () => {
    const deploymentId = done
    for (const command of [
      new sdk.ListDeploymentInstancesCommand({ deploymentId }),
      new sdk.GetDeploymentInstanceCommand({ deploymentId, instanceId: 'i' }),
      new sdk.BatchGetDeploymentInstancesCommand({ deploymentId, instanceIds: ['i'] }),
    ] as object[]) {
      await assert.rejects(
        client.send(command as sdk.ListDeploymentInstancesCommand),
        refusal('InvalidComputePlatformException', /ask for its deployment targets/),
      )
    }
    await assert.rejects(
      client.send(new sdk.GetDeploymentTargetCommand({ deploymentId, targetId: 'none' })),
      refusal('DeploymentTargetDoesNotExistException'),
    )
    await assert.rejects(
      client.send(new sdk.BatchGetDeploymentTargetsCommand({ deploymentId, targetIds: many(26) })),
      refusal('DeploymentTargetListSizeExceededException'),
    )
    await assert.rejects(
      client.send(
        new sdk.ListDeploymentTargetsCommand({
          deploymentId,
          targetFilters: { ServerInstanceLabel: ['Blue'] },
        }),
      ),
      refusal('InvalidTargetFilterNameException'),
    )
  })
})
