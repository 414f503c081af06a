/** ECR through the official client and through Terraform: tags, errors, policies, and what outlives the emulator. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecr'
import { pushImage } from '@baton/image'

import { create, served, uri } from './ecr.test-kit.ts'

test('an immutable tag refuses another image, over both protocols', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app', 'IMMUTABLE')
  const target = { ...(await emulator.login()), repository: 'app', tag: 'v1' }
  const first = await emulator.image('console.log(1)')
  await pushImage(first, target)
  const second = await emulator.image('console.log(2)')
  await assert.rejects(
    pushImage(second, target),
    /TAG_INVALID.*cannot be overwritten because the repository is immutable/,
  )
  assert.equal(emulator.ecr.image(`${uri}/app:v1`)?.digest, first.digest)
  const imageManifest = await readFile(second.blobs[second.digest] ?? '', 'utf8')
  const put = (imageTag: string) =>
    emulator.client.send(new sdk.PutImageCommand({ repositoryName: 'app', imageManifest, imageTag }))
  await assert.rejects(put('v1'), { name: 'ImageTagAlreadyExistsException' })
  await put('v2')
  await assert.rejects(put('v2'), { name: 'ImageAlreadyExistsException' })
})

test('a mutable tag moves to the newest image and leaves the older one untagged', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app')
  const target = { ...(await emulator.login()), repository: 'app', tag: 'latest' }
  const [first, second] = [await emulator.image('console.log(1)'), await emulator.image('console.log(2)')]
  await pushImage(first, target)
  await pushImage(second, target)
  assert.equal(emulator.ecr.image(`${uri}/app`)?.digest, second.digest)
  const list = (tagStatus: 'TAGGED' | 'UNTAGGED') =>
    emulator.client.send(new sdk.ListImagesCommand({ repositoryName: 'app', filter: { tagStatus } }))
  assert.deepEqual((await list('UNTAGGED')).imageIds, [{ imageDigest: first.digest }])
  assert.deepEqual((await list('TAGGED')).imageIds, [{ imageDigest: second.digest, imageTag: 'latest' }])
})

test('removing the last tag removes the image, and bytes go when no repository holds them', async () => {
  await using emulator = await served()
  await create(emulator.client, 'one')
  await create(emulator.client, 'two')
  const login = await emulator.login()
  const image = await emulator.image('console.log(1)')
  for (const [repository, tag] of [
    ['one', 'a'],
    ['one', 'b'],
    ['two', 'a'],
  ] as const)
    await pushImage(image, { ...login, repository, tag })
  const file = emulator.ecr.image(`${uri}/one:a`)?.layers[0]?.file ?? ''
  const remove = (repositoryName: string, imageTag: string) =>
    emulator.client.send(new sdk.BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }))
  await remove('one', 'a')
  assert.ok(emulator.ecr.image(`${uri}/one:b`))
  await remove('one', 'b')
  assert.equal(emulator.ecr.image(`${uri}/one@${image.digest}`), undefined)
  assert.ok((await readFile(file)).length > 0)
  await remove('two', 'a')
  await assert.rejects(readFile(file), { code: 'ENOENT' })
  const { failures } = await remove('two', 'a')
  assert.equal(failures?.[0]?.failureCode, 'ImageNotFound')
})

test('errors carry the codes and messages of AWS', async () => {
  await using emulator = await served()
  const { client } = emulator
  await assert.rejects(client.send(new sdk.DescribeImagesCommand({ repositoryName: 'nothing' })), {
    name: 'RepositoryNotFoundException',
    message: "The repository with name 'nothing' does not exist in the registry with id '000000000000'",
  })
  await create(client, 'app')
  await assert.rejects(create(client, 'app'), { name: 'RepositoryAlreadyExistsException' })
  await assert.rejects(create(client, 'Not/Allowed'), { name: 'InvalidParameterException' })
  await assert.rejects(
    client.send(new sdk.DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v9' }] })),
    { name: 'ImageNotFoundException', message: /imageDigest:'null', imageTag:'v9'/ },
  )
  await assert.rejects(client.send(new sdk.GetLifecyclePolicyCommand({ repositoryName: 'app' })), {
    name: 'LifecyclePolicyNotFoundException',
  })
  await pushImage(await emulator.image('1'), { ...(await emulator.login()), repository: 'app' })
  await assert.rejects(client.send(new sdk.DeleteRepositoryCommand({ repositoryName: 'app' })), {
    name: 'RepositoryNotEmptyException',
  })
  await client.send(new sdk.DeleteRepositoryCommand({ repositoryName: 'app', force: true }))
})

test('Terraform creates, reads, changes and deletes a repository and its policies', async () => {
  await using emulator = await served()
  const context = {
    address: 'aws_ecr_repository.admin',
    region: 'ap-northeast-2',
    accountId: '000000000000',
    folder: '/',
    signal: new AbortController().signal,
  }
  const type = (name: string) => {
    const found = emulator.ecr.resourceTypes?.find((each) => each.type === name)
    assert.ok(found, name)
    return found
  }
  const repository = type('aws_ecr_repository')
  const planned = {
    name: 'app',
    image_tag_mutability: 'IMMUTABLE',
    image_scanning_configuration: [{ scan_on_push: true }],
  }
  const created = await repository.create({ ...planned, tags_all: { project: 'keencho' } }, context)
  assert.equal(created.repository_url, `${uri}/app`)
  assert.equal(created.arn, 'arn:aws:ecr:ap-northeast-2:000000000000:repository/app')
  const described = await emulator.client.send(
    new sdk.DescribeRepositoriesCommand({ repositoryNames: ['app'] }),
  )
  assert.equal(described.repositories?.[0]?.imageTagMutability, 'IMMUTABLE')
  const { tags } = await emulator.client.send(
    new sdk.ListTagsForResourceCommand({ resourceArn: String(created.arn) }),
  )
  assert.deepEqual(tags, [{ Key: 'project', Value: 'keencho' }])
  await repository.update?.({ ...planned, image_tag_mutability: 'MUTABLE' }, created, context)
  const changed = await emulator.client.send(new sdk.DescribeRepositoriesCommand({}))
  assert.equal(changed.repositories?.[0]?.imageTagMutability, 'MUTABLE')

  const policy = JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        selection: {
          tagStatus: 'untagged',
          countType: 'sinceImagePushed',
          countUnit: 'days',
          countNumber: 7,
        },
        action: { type: 'expire' },
      },
    ],
  })
  const lifecycle = type('aws_ecr_lifecycle_policy')
  const attached = await lifecycle.create({ repository: 'app', policy }, context)
  const get = () => emulator.client.send(new sdk.GetLifecyclePolicyCommand({ repositoryName: 'app' }))
  assert.equal((await get()).lifecyclePolicyText, policy)
  await assert.rejects(
    async () => lifecycle.create({ repository: 'app', policy: '{"rules":[{}]}' }, context),
    /rulePriority/,
  )
  await lifecycle.delete?.(attached, context)
  await assert.rejects(get(), { name: 'LifecyclePolicyNotFoundException' })

  const source = emulator.ecr.dataSourceTypes?.find((each) => each.type === 'aws_ecr_repository')
  assert.equal((await source?.read({ name: 'app' }, context))?.repository_url, `${uri}/app`)
  await pushImage(await emulator.image('1'), { ...(await emulator.login()), repository: 'app' })
  await assert.rejects(async () => repository.delete?.(created, context), /still contains images/)
  await repository.delete?.({ ...created, force_delete: true }, context)
  assert.equal(await repository.read?.(created, context), undefined)
})

test('images, tokens and a half-done upload outlive the emulator', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-ecr-'))
  try {
    let login = { endpoint: '', username: '', password: '' }
    let location = ''
    let digest = ''
    {
      await using emulator = await served(folder)
      await create(emulator.client, 'app')
      login = await emulator.login()
      digest = (await pushImage(await emulator.image('1'), { ...login, repository: 'app', tag: 'v1' })).digest
      const headers = { authorization: `Basic ${btoa(`AWS:${login.password}`)}` }
      const begun = await fetch(`${emulator.endpoint}/v2/app/blobs/uploads/`, { method: 'POST', headers })
      location = begun.headers.get('location') ?? ''
      await fetch(new URL(location, emulator.endpoint), { method: 'PATCH', headers, body: 'first ' })
    }
    await using emulator = await served(folder)
    assert.equal(emulator.ecr.image(`${uri}/app:v1`)?.digest, digest)
    const headers = { authorization: `Basic ${btoa(`AWS:${login.password}`)}` }
    const blob = `sha256:${createHash('sha256').update('first second').digest('hex')}`
    const done = await fetch(new URL(`${location}?digest=${blob}`, emulator.endpoint), {
      method: 'PUT',
      headers,
      body: 'second',
    })
    assert.equal(done.status, 201)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an image that an index names is pulled through it, and goes after it', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app')
  const image = await emulator.image('console.log(1)')
  await pushImage(image, { ...(await emulator.login()), repository: 'app' })
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const { digest, manifest } = image
  const named = {
    mediaType: manifest.mediaType,
    digest,
    size: 1,
    platform: { os: 'linux', architecture: 'arm64' },
  }
  const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [named] })
  await emulator.client.send(
    new sdk.PutImageCommand({ repositoryName: 'app', imageManifest, imageTag: 'multi' }),
  )
  assert.equal(emulator.ecr.image(`${uri}/app:multi`)?.digest, digest)
  const remove = (imageId: sdk.ImageIdentifier) =>
    emulator.client.send(new sdk.BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [imageId] }))
  assert.equal(
    (await remove({ imageDigest: digest })).failures?.[0]?.failureCode,
    'ImageReferencedByManifestList',
  )
  await remove({ imageTag: 'multi' })
  assert.deepEqual((await remove({ imageDigest: digest })).failures, [])
})
