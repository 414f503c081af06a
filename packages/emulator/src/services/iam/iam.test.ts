import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../clock.ts'
import { randomIds } from '../../ids.ts'
import type { EmulatorContext } from '../../service.ts'
import { openStore } from '../../store.ts'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { createIam } from './index.ts'
import { policyDocument } from './policy-document.ts'

const place = {
  address: 'aws_iam.x',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}

async function documentOf(config: Attributes): Promise<string> {
  return String((await policyDocument.read(config, place)).json)
}

test('writes a policy document exactly as the provider does', async () => {
  const json = await documentOf({
    version: '2012-10-17',
    statement: [
      {
        sid: 'Read',
        effect: 'Allow',
        actions: ['s3:GetObject', 's3:ListBucket'],
        resources: ['arn:aws:s3:::b/&{aws:username}/*'],
        condition: [
          { test: 'StringLike', variable: 'aws:Referer', values: ['a', 'b'] },
          { test: 'Bool', variable: 'aws:SecureTransport', values: ['true'] },
        ],
      },
      {
        actions: ['sts:AssumeRole'],
        principals: [{ type: 'Service', identifiers: ['ecs-tasks.amazonaws.com'] }],
      },
      { effect: 'Deny', not_actions: ['a:<b>'], principals: [{ type: '*', identifiers: ['*'] }] },
    ],
  })
  assert.equal(
    json,
    `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/\${aws:username}/*",
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringLike": {
          "aws:Referer": [
            "a",
            "b"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": {
        "Service": "ecs-tasks.amazonaws.com"
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "a:\\u003cb\\u003e",
      "Principal": "*"
    }
  ]
}`,
  )
})

test('merges source documents, overrides by statement id, refuses the same id twice', async () => {
  const source = JSON.stringify({
    Statement: [
      { Sid: 'A', Effect: 'Allow' },
      { Sid: 'B', Effect: 'Allow' },
    ],
  })
  const override = JSON.stringify({ Statement: { Sid: 'B', Effect: 'Deny' } })
  const json = await documentOf({ source_policy_documents: [source], override_policy_documents: [override] })
  assert.deepEqual(JSON.parse(json).Statement, [
    { Sid: 'A', Effect: 'Allow' },
    { Sid: 'B', Effect: 'Deny' },
  ])
  await assert.rejects(documentOf({ source_policy_documents: [source, source] }), /"A" is used twice/)
})

test('keeps roles with their trust and their policies, and forgets them', async (t) => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const context = { accountId: place.accountId, store, ids: randomIds(), clock: systemClock() }
  const iam = createIam(context as unknown as EmulatorContext)
  const type = (name: string) => {
    const found = iam.resourceTypes?.find((candidate) => candidate.type === name)
    assert.ok(found, name)
    return found
  }
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  const planned = { name: 'task', path: '/', assume_role_policy: trust, max_session_duration: 3600 }
  const role = await type('aws_iam_role').create(planned, place)
  assert.equal(role.arn, 'arn:aws:iam::000000000000:role/task')
  assert.match(String(role.unique_id), /^AROA[A-Z0-9]{17}$/)
  assert.throws(() => type('aws_iam_role').create(planned, place), /EntityAlreadyExists/)
  assert.throws(
    () => type('aws_iam_role').create({ ...planned, name: 'x', assume_role_policy: '{' }, place),
    /is not JSON/,
  )
  assert.throws(() => type('aws_iam_role').create({ ...planned, name: 'n'.repeat(65) }, place), /1 to 64/)

  await type('aws_iam_role_policy').create({ name: 'logs', role: 'task', policy: trust }, place)
  const managed = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'
  await type('aws_iam_role_policy_attachment').create({ role: 'task', policy_arn: managed }, place)
  assert.throws(
    () => type('aws_iam_role_policy').create({ name: 'x', role: 'missing', policy: trust }, place),
    /NoSuchEntity/,
  )
  assert.equal(iam.role('arn:aws:iam::000000000000:role/task')?.assumeRolePolicy, trust)
  assert.deepEqual(iam.rolePolicies('task'), [
    { name: 'logs', document: trust },
    { name: 'AmazonSSMManagedInstanceCore', arn: managed, document: undefined },
  ])
  await type('aws_iam_role').delete?.(role, place)
  assert.equal(iam.role('task'), undefined)
})

test('knows the caller, the partition, the region, and providers by URL', async (t) => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const context = { accountId: place.accountId, store, ids: randomIds(), clock: systemClock() }
  const iam = createIam(context as unknown as EmulatorContext)
  const read = (name: string, config: Attributes) =>
    iam.dataSourceTypes?.find((candidate) => candidate.type === name)?.read(config, place)
  assert.equal((await read('aws_caller_identity', {}))?.account_id, '000000000000')
  assert.equal((await read('aws_partition', {}))?.dns_suffix, 'amazonaws.com')
  assert.equal((await read('aws_region', {}))?.name, 'ap-northeast-2')
  const url = 'https://token.actions.githubusercontent.com'
  assert.throws(() => read('aws_iam_openid_connect_provider', { url }), /NoSuchEntity/)
  const provider = iam.resourceTypes?.find(({ type }) => type === 'aws_iam_openid_connect_provider')
  await provider?.create({ url, client_id_list: ['sts.amazonaws.com'] }, place)
  assert.equal(
    (await read('aws_iam_openid_connect_provider', { url }))?.arn,
    'arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com',
  )
})

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
test('a name is taken whatever its case, by roles, policies and instance profiles', async (t) => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const context = { accountId: place.accountId, store, ids: randomIds(), clock: systemClock() }
  const iam = createIam(context as unknown as EmulatorContext)
  const create = (name: string, planned: Attributes) =>
    iam.resourceTypes?.find(({ type }) => type === name)?.create({ path: '/', ...planned }, place)
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  const policy = await create('aws_iam_policy', { name: 'deploy', policy: document })
  assert.throws(
    () => create('aws_iam_policy', { name: 'Deploy', path: '/ci/', policy: document }),
    /EntityAlreadyExists: A policy called Deploy already exists\. Duplicate names are not allowed\./,
  )
  await create('aws_iam_role', { name: 'task', assume_role_policy: document })
  assert.throws(
    () => create('aws_iam_role', { name: 'Task', assume_role_policy: document }),
    /EntityAlreadyExists/,
  )
  await create('aws_iam_instance_profile', { name: 'host' })
  assert.throws(() => create('aws_iam_instance_profile', { name: 'HOST' }), /EntityAlreadyExists/)

  const data = iam.dataSourceTypes?.find(({ type }) => type === 'aws_iam_policy') ?? assert.fail()
  assert.equal((await data.read({ arn: null, name: 'deploy' }, place)).arn, policy?.arn)
  const managed = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'
  assert.equal((await data.read({ arn: managed }, place)).name, 'AmazonECSTaskExecutionRolePolicy')
  // Where AWS keeps its own policies is not known here, and a name that does not exist must not be found.
  assert.throws(
    () => data.read({ name: 'missing' }, place),
    /NoSuchEntity: The policy missing cannot be found/,
  )
})
