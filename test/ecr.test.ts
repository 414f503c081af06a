/** ECR through the official client and through the registry protocol, by this project's own images. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecr'
import { type Image, imageFromFolder, pullBase, pushImage, withFiles } from '@baton/image'
import { testContext } from '../packages/region/src/protocol/testing-context.ts'
import { createWire } from '../packages/region/src/protocol/wire.ts'
import { createEcr, type Ecr } from '../packages/region/src/services/ecr/index.ts'
import { openStore } from '../packages/region/src/store.ts'

interface Served extends AsyncDisposable {
  readonly ecr: Ecr
  readonly client: sdk.ECRClient
  readonly endpoint: string
  readonly folder: string
  /** Credentials for the registry protocol. */
  login(): Promise<{ endpoint: string; username: string; password: string }>
  /** An image of one small file, and of the file that it holds. */
  image(content: string): Promise<Image>
}

async function served(stateDir?: string): Promise<Served> {
  const folder = stateDir ?? (await mkdtemp(join(tmpdir(), 'baton-ecr-')))
  const store = openStore(join(folder, 'region.sqlite'))
  let endpoint = ''
  const ecr = createEcr(testContext({ stateDir: folder, store }), { proxyEndpoint: () => endpoint })
  assert.ok(ecr.api)
  const wire = createWire({ apis: [ecr.api], accountId: '000000000000', region: 'ap-northeast-2' })
  const server = createServer((request, response) => {
    if (!ecr.serve(request, response)) wire(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }
  const client = new sdk.ECRClient({ region: 'ap-northeast-2', endpoint, credentials, maxAttempts: 1 })
  await ecr.start?.()
  return {
    ecr,
    client,
    endpoint,
    folder,
    async login() {
      const { authorizationData = [] } = await client.send(new sdk.GetAuthorizationTokenCommand())
      const { authorizationToken = '', proxyEndpoint = '' } = authorizationData[0] ?? {}
      const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString().split(':')
      return { endpoint: proxyEndpoint, username, password }
    },
    async image(content) {
      const source = await mkdtemp(join(folder, 'source-'))
      await writeFile(join(source, 'server.js'), content)
      const cacheDir = join(folder, 'cache')
      return imageFromFolder({
        folder: source,
        command: ['node', 'server.js'],
        architecture: 'arm64',
        cacheDir,
      })
    },
    async [Symbol.asyncDispose]() {
      await ecr.stop?.()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      store.close()
      if (stateDir === undefined) await rm(folder, { recursive: true })
    },
  }
}

const create = (
  client: sdk.ECRClient,
  repositoryName: string,
  imageTagMutability: 'MUTABLE' | 'IMMUTABLE' = 'MUTABLE',
) => client.send(new sdk.CreateRepositoryCommand({ repositoryName, imageTagMutability }))
const uri = '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com'

test('an image that was pushed is found by tag and by digest, its application layer as a file', async () => {
  await using region = await served()
  await create(region.client, 'app/admin')
  const image = await region.image('console.log(1)')
  const pushed = await pushImage(image, { ...(await region.login()), repository: 'app/admin', tag: 'v1' })
  assert.equal(pushed.digest, image.digest)
  for (const reference of [`${uri}/app/admin:v1`, `${uri}/app/admin@${image.digest}`]) {
    const found = region.ecr.image(reference)
    assert.equal(found?.digest, image.digest)
    assert.deepEqual(found.config.config?.Cmd, ['node', 'server.js'])
    assert.equal(found.layers[0]?.annotations['dev.baton.layer'], 'application')
    const bytes = await readFile(found.layers[0]?.file ?? '')
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, found.layers[0]?.digest)
  }
  assert.equal(region.ecr.image(`${uri}/app/admin:v2`), undefined)
  assert.equal(region.ecr.image(`${uri}/nothing:v1`), undefined)
  assert.equal(region.ecr.image('docker.io/library/node:24'), undefined)
  const { imageDetails } = await region.client.send(
    new sdk.DescribeImagesCommand({ repositoryName: 'app/admin' }),
  )
  assert.deepEqual(
    imageDetails?.map(({ imageDigest, imageTags }) => [imageDigest, imageTags]),
    [[image.digest, ['v1']]],
  )
})

test('a second push sends nothing, and one of a changed image only what changed', async () => {
  await using region = await served()
  await create(region.client, 'app', 'IMMUTABLE')
  const target = { ...(await region.login()), repository: 'app' }
  const image = await region.image('console.log(1)')
  assert.ok((await pushImage(image, { ...target, tag: 'v1' })).pushedBytes > 0)
  assert.equal((await pushImage(image, { ...target, tag: 'v1' })).pushedBytes, 0)
  const states: string[] = []
  const changed = await withFiles(image, { files: { 'fault.mjs': 'throw 1' } })
  await pushImage(changed, { ...target, tag: 'v2' }, ({ state }) => states.push(state))
  assert.deepEqual(states.sort(), ['exists', 'pushed', 'pushed'])
})

test('an immutable tag refuses another image, over both protocols', async () => {
  await using region = await served()
  await create(region.client, 'app', 'IMMUTABLE')
  const target = { ...(await region.login()), repository: 'app', tag: 'v1' }
  const first = await region.image('console.log(1)')
  await pushImage(first, target)
  const second = await region.image('console.log(2)')
  await assert.rejects(
    pushImage(second, target),
    /TAG_INVALID.*cannot be overwritten because the repository is immutable/,
  )
  assert.equal(region.ecr.image(`${uri}/app:v1`)?.digest, first.digest)
  const imageManifest = await readFile(second.blobs[second.digest] ?? '', 'utf8')
  const put = (imageTag: string) =>
    region.client.send(new sdk.PutImageCommand({ repositoryName: 'app', imageManifest, imageTag }))
  await assert.rejects(put('v1'), { name: 'ImageTagAlreadyExistsException' })
  await put('v2')
  await assert.rejects(put('v2'), { name: 'ImageAlreadyExistsException' })
})

test('a mutable tag moves to the newest image and leaves the older one untagged', async () => {
  await using region = await served()
  await create(region.client, 'app')
  const target = { ...(await region.login()), repository: 'app', tag: 'latest' }
  const [first, second] = [await region.image('console.log(1)'), await region.image('console.log(2)')]
  await pushImage(first, target)
  await pushImage(second, target)
  assert.equal(region.ecr.image(`${uri}/app`)?.digest, second.digest)
  const list = (tagStatus: 'TAGGED' | 'UNTAGGED') =>
    region.client.send(new sdk.ListImagesCommand({ repositoryName: 'app', filter: { tagStatus } }))
  assert.deepEqual((await list('UNTAGGED')).imageIds, [{ imageDigest: first.digest }])
  assert.deepEqual((await list('TAGGED')).imageIds, [{ imageDigest: second.digest, imageTag: 'latest' }])
})

test('a layer is uploaded in pieces, and mounted from another repository', async () => {
  await using region = await served()
  await create(region.client, 'one')
  await create(region.client, 'two')
  const login = await region.login()
  const image = await region.image(`// ${Array.from({ length: 3000 }, Math.random).join()}`)
  await pushImage(image, { ...login, repository: 'one', chunkBytes: 10_000 })
  assert.ok(region.ecr.image(`${uri}/one@${image.digest}`))
  const states: string[] = []
  await pushImage(image, { ...login, repository: 'two', mountFrom: 'one' }, ({ state }) => states.push(state))
  assert.deepEqual(states, ['mounted', 'mounted'])
  assert.ok(region.ecr.image(`${uri}/two@${image.digest}`))
})

test('what was pushed can be pulled again as a base, and is then there without the registry', async () => {
  const pulled = { architecture: 'arm64', cacheDir: '' } as const
  let reference = ''
  let digest = ''
  const cacheDir = await mkdtemp(join(tmpdir(), 'baton-pull-'))
  try {
    {
      await using region = await served()
      await create(region.client, 'base')
      const { endpoint, ...credentials } = await region.login()
      const image = await region.image('console.log(1)')
      await pushImage(image, { endpoint, ...credentials, repository: 'base', tag: 'v1' })
      digest = image.digest
      reference = `${uri}/base@${digest}`
      const byTag = await pullBase({
        ...pulled,
        ...credentials,
        cacheDir,
        endpoint,
        reference: `${uri}/base:v1`,
      })
      assert.equal(byTag.digest, digest)
      assert.deepEqual(byTag.config, image.config)
    }
    const again = await pullBase({ ...pulled, cacheDir, endpoint: 'http://127.0.0.1:1', reference })
    assert.equal(again.digest, digest)
  } finally {
    await rm(cacheDir, { recursive: true })
  }
})

test('the registry asks who is there, and takes no token that it did not sign', async () => {
  await using region = await served()
  await create(region.client, 'app')
  const anonymous = await fetch(`${region.endpoint}/v2/`)
  assert.equal(anonymous.status, 401)
  assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic realm="http:\/\/127/)
  const { password } = await region.login()
  const ask = async (text: string) =>
    (await fetch(`${region.endpoint}/v2/`, { headers: { authorization: `Basic ${btoa(text)}` } })).status
  assert.equal(await ask(`AWS:${password}`), 200)
  assert.equal(await ask(`someone:${password}`), 401)
  assert.equal(await ask(`AWS:x${password}`), 401)
})

test('a wrong digest, an unknown layer and an unknown repository are refused by the codes of the protocol', async () => {
  await using region = await served()
  await create(region.client, 'app')
  const { username, password } = await region.login()
  const ask = async (method: string, path: string, body?: string, type = 'application/octet-stream') => {
    const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}`, 'content-type': type }
    const response = await fetch(new URL(path, region.endpoint), {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    return {
      status: response.status,
      code: text && JSON.parse(text).errors?.[0]?.code,
      headers: response.headers,
    }
  }
  const digest = `sha256:${'0'.repeat(64)}`
  const upload = await ask('POST', '/v2/app/blobs/uploads/')
  const location = upload.headers.get('location') ?? ''
  assert.equal(upload.status, 202)
  const outOfOrder = await fetch(new URL(location, region.endpoint), {
    method: 'PATCH',
    headers: { authorization: `Basic ${btoa(`${username}:${password}`)}`, 'content-range': '5-9' },
    body: 'later',
  })
  assert.equal(outOfOrder.status, 416)
  const wrong = await ask('PUT', `${location}?digest=${digest}`, 'not what the digest says')
  assert.deepEqual([wrong.status, wrong.code], [400, 'DIGEST_INVALID'])
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const described = { mediaType, digest, size: 1 }
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers: [described] })
  const unknown = await ask('PUT', '/v2/app/manifests/v1', manifest, mediaType)
  assert.deepEqual([unknown.status, unknown.code], [400, 'MANIFEST_BLOB_UNKNOWN'])
  const invalid = await ask('PUT', '/v2/app/manifests/v1', '{', mediaType)
  assert.deepEqual([invalid.status, invalid.code], [400, 'MANIFEST_INVALID'])
  const nowhere = await ask('POST', '/v2/nowhere/blobs/uploads/')
  assert.deepEqual([nowhere.status, nowhere.code], [404, 'NAME_UNKNOWN'])
  assert.equal((await ask('GET', '/v2/app/manifests/v1')).code, 'MANIFEST_UNKNOWN')
  assert.equal((await ask('DELETE', '/v2/app/manifests/v1')).status, 405)
})

test('tags are listed in pages, and blobs are read in ranges', async () => {
  await using region = await served()
  await create(region.client, 'app')
  const login = await region.login()
  const image = await region.image('console.log(1)')
  for (const tag of ['a', 'b', 'c']) await pushImage(image, { ...login, repository: 'app', tag })
  const headers = { authorization: `Basic ${btoa(`AWS:${login.password}`)}` }
  const first = await fetch(`${region.endpoint}/v2/app/tags/list?n=2`, { headers })
  assert.deepEqual(await first.json(), { name: 'app', tags: ['a', 'b'] })
  const next = /<(.+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
  assert.deepEqual(await (await fetch(new URL(next, region.endpoint), { headers })).json(), {
    name: 'app',
    tags: ['c'],
  })
  const { digest, size } = image.manifest.config
  const part = await fetch(`${region.endpoint}/v2/app/blobs/${digest}`, {
    headers: { ...headers, range: 'bytes=1-4' },
  })
  assert.equal(part.status, 206)
  assert.equal(part.headers.get('content-range'), `bytes 1-4/${size}`)
  assert.equal(await part.text(), JSON.stringify(image.config).slice(1, 5))
})

test('removing the last tag removes the image, and bytes go when no repository holds them', async () => {
  await using region = await served()
  await create(region.client, 'one')
  await create(region.client, 'two')
  const login = await region.login()
  const image = await region.image('console.log(1)')
  for (const [repository, tag] of [
    ['one', 'a'],
    ['one', 'b'],
    ['two', 'a'],
  ] as const)
    await pushImage(image, { ...login, repository, tag })
  const file = region.ecr.image(`${uri}/one:a`)?.layers[0]?.file ?? ''
  const remove = (repositoryName: string, imageTag: string) =>
    region.client.send(new sdk.BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }))
  await remove('one', 'a')
  assert.ok(region.ecr.image(`${uri}/one:b`))
  await remove('one', 'b')
  assert.equal(region.ecr.image(`${uri}/one@${image.digest}`), undefined)
  assert.ok((await readFile(file)).length > 0)
  await remove('two', 'a')
  await assert.rejects(readFile(file), { code: 'ENOENT' })
  const { failures } = await remove('two', 'a')
  assert.equal(failures?.[0]?.failureCode, 'ImageNotFound')
})

test('errors carry the codes and messages of AWS', async () => {
  await using region = await served()
  const { client } = region
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
  await pushImage(await region.image('1'), { ...(await region.login()), repository: 'app' })
  await assert.rejects(client.send(new sdk.DeleteRepositoryCommand({ repositoryName: 'app' })), {
    name: 'RepositoryNotEmptyException',
  })
  await client.send(new sdk.DeleteRepositoryCommand({ repositoryName: 'app', force: true }))
})

test('Terraform creates, reads, changes and deletes a repository and its policies', async () => {
  await using region = await served()
  const context = {
    address: 'aws_ecr_repository.admin',
    region: 'ap-northeast-2',
    accountId: '000000000000',
    folder: '/',
    signal: new AbortController().signal,
  }
  const type = (name: string) => {
    const found = region.ecr.resourceTypes?.find((each) => each.type === name)
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
  const described = await region.client.send(
    new sdk.DescribeRepositoriesCommand({ repositoryNames: ['app'] }),
  )
  assert.equal(described.repositories?.[0]?.imageTagMutability, 'IMMUTABLE')
  const { tags } = await region.client.send(
    new sdk.ListTagsForResourceCommand({ resourceArn: String(created.arn) }),
  )
  assert.deepEqual(tags, [{ Key: 'project', Value: 'keencho' }])
  await repository.update?.({ ...planned, image_tag_mutability: 'MUTABLE' }, created, context)
  const changed = await region.client.send(new sdk.DescribeRepositoriesCommand({}))
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
  const get = () => region.client.send(new sdk.GetLifecyclePolicyCommand({ repositoryName: 'app' }))
  assert.equal((await get()).lifecyclePolicyText, policy)
  await assert.rejects(
    async () => lifecycle.create({ repository: 'app', policy: '{"rules":[{}]}' }, context),
    /rulePriority/,
  )
  await lifecycle.delete?.(attached, context)
  await assert.rejects(get(), { name: 'LifecyclePolicyNotFoundException' })

  const source = region.ecr.dataSourceTypes?.find((each) => each.type === 'aws_ecr_repository')
  assert.equal((await source?.read({ name: 'app' }, context))?.repository_url, `${uri}/app`)
  await pushImage(await region.image('1'), { ...(await region.login()), repository: 'app' })
  await assert.rejects(async () => repository.delete?.(created, context), /still contains images/)
  await repository.delete?.({ ...created, force_delete: true }, context)
  assert.equal(await repository.read?.(created, context), undefined)
})

test('images, tokens and a half-done upload outlive the region', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-ecr-'))
  try {
    let login = { endpoint: '', username: '', password: '' }
    let location = ''
    let digest = ''
    {
      await using region = await served(folder)
      await create(region.client, 'app')
      login = await region.login()
      digest = (await pushImage(await region.image('1'), { ...login, repository: 'app', tag: 'v1' })).digest
      const headers = { authorization: `Basic ${btoa(`AWS:${login.password}`)}` }
      const begun = await fetch(`${region.endpoint}/v2/app/blobs/uploads/`, { method: 'POST', headers })
      location = begun.headers.get('location') ?? ''
      await fetch(new URL(location, region.endpoint), { method: 'PATCH', headers, body: 'first ' })
    }
    await using region = await served(folder)
    assert.equal(region.ecr.image(`${uri}/app:v1`)?.digest, digest)
    const headers = { authorization: `Basic ${btoa(`AWS:${login.password}`)}` }
    const blob = `sha256:${createHash('sha256').update('first second').digest('hex')}`
    const done = await fetch(new URL(`${location}?digest=${blob}`, region.endpoint), {
      method: 'PUT',
      headers,
      body: 'second',
    })
    assert.equal(done.status, 201)
  } finally {
    await rm(folder, { recursive: true })
  }
})

const skopeo = spawnSync('skopeo', ['--version']).status === 0
test('skopeo pushes and pulls', {
  skip: skopeo ? false : 'NOT TESTED: skopeo is not installed',
}, async () => {
  await using region = await served()
  await create(region.client, 'app')
  const { username, password } = await region.login()
  const image = await region.image('console.log(1)')
  const remote = `docker://${new URL(region.endpoint).host}/app:v1`
  const local = `oci:${image.layout}`
  const run = (...parameters: string[]) => execFileSync('skopeo', parameters, { stdio: 'pipe' })
  run('copy', '--dest-tls-verify=false', '--dest-creds', `${username}:${password}`, local, remote)
  assert.equal(region.ecr.image(`${uri}/app:v1`)?.digest, image.digest)
  run(
    'copy',
    '--src-tls-verify=false',
    '--src-creds',
    `${username}:${password}`,
    remote,
    `dir:${join(region.folder, 'pulled')}`,
  )
})

test('an image that an index names is pulled through it, and goes after it', async () => {
  await using region = await served()
  await create(region.client, 'app')
  const image = await region.image('console.log(1)')
  await pushImage(image, { ...(await region.login()), repository: 'app' })
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const { digest, manifest } = image
  const named = {
    mediaType: manifest.mediaType,
    digest,
    size: 1,
    platform: { os: 'linux', architecture: 'arm64' },
  }
  const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [named] })
  await region.client.send(
    new sdk.PutImageCommand({ repositoryName: 'app', imageManifest, imageTag: 'multi' }),
  )
  assert.equal(region.ecr.image(`${uri}/app:multi`)?.digest, digest)
  const remove = (imageId: sdk.ImageIdentifier) =>
    region.client.send(new sdk.BatchDeleteImageCommand({ repositoryName: 'app', imageIds: [imageId] }))
  assert.equal(
    (await remove({ imageDigest: digest })).failures?.[0]?.failureCode,
    'ImageReferencedByManifestList',
  )
  await remove({ imageTag: 'multi' })
  assert.deepEqual((await remove({ imageDigest: digest })).failures, [])
})
