import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as iam from '@aws-sdk/client-iam'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createIam } from './index.ts'

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
})
const allow = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })

async function account(t: TestContext) {
  const context = testContext()
  const service = createIam(context)
  assert.ok(service.api)
  const wire = await serveForTest([service.api])
  t.after(async () => {
    await wire[Symbol.asyncDispose]()
    context.store.close()
  })
  return { service, client: new iam.IAMClient(wire.client) }
}

test('a role is created, read, changed, tagged, and deleted once its policies are gone', async (t) => {
  const { client, service } = await account(t)
  const RoleName = 'task'
  const { Role } = await client.send(
    new iam.CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: trust,
      Tags: [{ Key: 'a', Value: '1' }],
    }),
  )
  assert.equal(Role?.Arn, 'arn:aws:iam::000000000000:role/task')
  assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), trust)
  await assert.rejects(
    client.send(new iam.CreateRoleCommand({ RoleName: 'TASK', AssumeRolePolicyDocument: trust })),
    { name: 'EntityAlreadyExistsException' },
  )
  await client.send(
    new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument: allow('s3:GetObject') }),
  )
  const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'
  await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }))
  // A change of the role leaves its policies alone.
  await client.send(
    new iam.UpdateRoleCommand({ RoleName, Description: 'of tasks', MaxSessionDuration: 7200 }),
  )
  const { PolicyNames } = await client.send(new iam.ListRolePoliciesCommand({ RoleName }))
  assert.deepEqual(PolicyNames, ['read'])
  const { AttachedPolicies } = await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }))
  assert.deepEqual(AttachedPolicies, [{ PolicyArn, PolicyName: 'AmazonECSTaskExecutionRolePolicy' }])
  assert.deepEqual(service.rolePolicies(RoleName), [
    { name: 'read', document: allow('s3:GetObject') },
    { name: 'AmazonECSTaskExecutionRolePolicy', arn: PolicyArn, document: undefined },
  ])
  await client.send(new iam.TagRoleCommand({ RoleName, Tags: [{ Key: 'b', Value: '2' }] }))
  await client.send(new iam.UntagRoleCommand({ RoleName, TagKeys: ['a'] }))
  const { Tags } = await client.send(new iam.ListRoleTagsCommand({ RoleName }))
  assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }])
  await assert.rejects(client.send(new iam.DeleteRoleCommand({ RoleName })), {
    name: 'DeleteConflictException',
  })
  await client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn }))
  await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: 'read' }))
  await client.send(new iam.DeleteRoleCommand({ RoleName }))
  await assert.rejects(client.send(new iam.GetRoleCommand({ RoleName })), { name: 'NoSuchEntityException' })
})

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
test('a managed policy has up to five versions, of which one is in force', async (t) => {
  const { client } = await account(t)
  const { Policy } = await client.send(
    new iam.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allow('s3:*') }),
  )
  const PolicyArn = Policy?.Arn ?? ''
  for (const action of ['ec2:*', 'ecs:*', 'rds:*', 'sns:*']) {
    const PolicyDocument = allow(action)
    await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
  }
  const more = { PolicyArn, PolicyDocument: allow('sqs:*') }
  await assert.rejects(client.send(new iam.CreatePolicyVersionCommand(more)), {
    name: 'LimitExceededException',
  })
  const now = await client.send(new iam.GetPolicyCommand({ PolicyArn }))
  assert.equal(now.Policy?.DefaultVersionId, 'v5')
  const v5 = { PolicyArn, VersionId: 'v5' }
  const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand(v5))
  assert.equal(decodeURIComponent(PolicyVersion?.Document ?? ''), allow('sns:*'))
  await assert.rejects(client.send(new iam.DeletePolicyCommand({ PolicyArn })), {
    name: 'DeleteConflictException',
  })
  for (const VersionId of ['v1', 'v2', 'v3', 'v4'])
    await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }))
  await client.send(new iam.DeletePolicyCommand({ PolicyArn }))
})

test('instance profiles hold one role, and providers are found by their address', async (t) => {
  const { client } = await account(t)
  await client.send(new iam.CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trust }))
  const InstanceProfileName = 'p'
  await client.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName }))
  await client.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: 'r' }))
  const { InstanceProfiles } = await client.send(
    new iam.ListInstanceProfilesForRoleCommand({ RoleName: 'r' }),
  )
  assert.equal(InstanceProfiles?.[0]?.Roles?.[0]?.RoleName, 'r')
  await assert.rejects(client.send(new iam.DeleteRoleCommand({ RoleName: 'r' })), /instance profile/)
  const { OpenIDConnectProviderArn } = await client.send(
    new iam.CreateOpenIDConnectProviderCommand({
      Url: 'https://token.actions.example',
      ClientIDList: ['sts.amazonaws.com'],
    }),
  )
  const provider = await client.send(new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))
  assert.equal(provider.Url, 'token.actions.example')
  assert.deepEqual(provider.ClientIDList, ['sts.amazonaws.com'])
})

test('refuses a policy that is no policy, and documents that only AWS has', async (t) => {
  const { client } = await account(t)
  await assert.rejects(
    client.send(new iam.CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: 'not json' })),
    { name: 'MalformedPolicyDocumentException' },
  )
  const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
  await assert.rejects(
    client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' })),
    /does not have the documents of AWS managed policies/,
  )
})
