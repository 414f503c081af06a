import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-ssm'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createSsm } from './index.ts'

async function served() {
  const ssm = createSsm(testContext())
  if (!ssm.api) throw new Error('ssm has an API')
  const wire = await serveForTest([ssm.api])
  return {
    ssm,
    wire,
    client: new sdk.SSMClient(wire.client),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

const resource = (ssm: ReturnType<typeof createSsm>) => {
  const [type] = ssm.resourceTypes ?? []
  if (!type) throw new Error('ssm has a resource type')
  return type
}
const apply = {
  address: 'aws_ssm_parameter.a',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}

test('puts, overwrites and gets a parameter by name, version and ARN', async () => {
  await using emulator = await served()
  const { client } = emulator
  await client.send(new sdk.PutParameterCommand({ Name: '/app/a', Value: 'one', Type: 'String' }))
  await assert.rejects(
    client.send(new sdk.PutParameterCommand({ Name: '/app/a', Value: 'two' })),
    (error) => {
      assert.ok(error instanceof sdk.ParameterAlreadyExists)
      return true
    },
  )
  await client.send(new sdk.PutParameterCommand({ Name: '/app/a', Value: 'two', Overwrite: true }))
  const { Parameter } = await client.send(new sdk.GetParameterCommand({ Name: '/app/a' }))
  assert.equal(Parameter?.Value, 'two')
  assert.equal(Parameter?.Version, 2)
  assert.equal(Parameter?.ARN, 'arn:aws:ssm:ap-northeast-2:000000000000:parameter/app/a')
  const old = await client.send(new sdk.GetParameterCommand({ Name: '/app/a:1' }))
  assert.equal(old.Parameter?.Value, 'one')
  assert.equal(emulator.ssm.parameter(Parameter?.ARN ?? ''), 'two')
  await assert.rejects(client.send(new sdk.GetParameterCommand({ Name: '/app/none' })), {
    name: 'ParameterNotFound',
  })
})

test('pages through a path, shallow and recursive, and shows a SecureString only decrypted', async () => {
  await using emulator = await served()
  const { client } = emulator
  for (const Name of ['/p/a', '/p/b', '/p/deep/c', '/q/d']) {
    await client.send(new sdk.PutParameterCommand({ Name, Value: `of ${Name}`, Type: 'SecureString' }))
  }
  const shallow = await client.send(new sdk.GetParametersByPathCommand({ Path: '/p' }))
  assert.deepEqual(
    shallow.Parameters?.map(({ Name }) => Name),
    ['/p/a', '/p/b'],
  )
  assert.doesNotMatch(shallow.Parameters?.[0]?.Value ?? 'of', /of/)
  const names: (string | undefined)[] = []
  const pages = sdk.paginateGetParametersByPath(
    { client, pageSize: 2 },
    { Path: '/p/', Recursive: true, WithDecryption: true },
  )
  for await (const page of pages) names.push(...(page.Parameters ?? []).map(({ Value }) => Value))
  assert.deepEqual(names, ['of /p/a', 'of /p/b', 'of /p/deep/c'])
  const some = await client.send(new sdk.GetParametersCommand({ Names: ['/q/d', '/none'] }))
  assert.deepEqual(some.InvalidParameters, ['/none'])
})

test('refuses what AWS refuses: reserved names, values over 4 KB', async () => {
  await using emulator = await served()
  const put = (Name: string, Value: string) =>
    emulator.client.send(new sdk.PutParameterCommand({ Name, Value, Type: 'String' }))
  await assert.rejects(put('/aws/a', 'x'), { name: 'ValidationException' })
  await assert.rejects(put('a/b', 'x'), { name: 'ValidationException' })
  await assert.rejects(put('/a', 'x'.repeat(4097)), { name: 'ValidationException', message: /4096/ })
})

test('keeps a write-only value out of the state, and sees what was changed outside of Terraform', async () => {
  await using emulator = await served()
  const type = resource(emulator.ssm)
  const planned = { name: '/a', type: 'SecureString', value_wo: 'secret', value_wo_version: 1 }
  const created = await type.create(planned, apply)
  assert.equal(emulator.ssm.parameter('/a'), 'secret')
  assert.equal(created.value, '')
  const { value_wo: _, ...kept } = created
  assert.equal((await type.read?.(kept, apply))?.value, '')

  const plain = await type.create({ name: '/b', type: 'String', value: 'one' }, apply)
  await emulator.client.send(new sdk.PutParameterCommand({ Name: '/b', Value: 'two', Overwrite: true }))
  assert.equal((await type.read?.(plain, apply))?.value, 'two')
  await type.delete?.(plain, apply)
  assert.equal(await type.read?.(plain, apply), undefined)
})
