/** Images over the registry protocol: pushed, pulled, mounted, refused. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import * as sdk from '@aws-sdk/client-ecr'
import { pullImage, pushImage, withFiles } from '@baton/image'

import { create, served, uri } from './ecr.test-kit.ts'

test('an image that was pushed is found by tag and by digest, its application layer as a file', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app/admin')
  const image = await emulator.image('console.log(1)')
  const pushed = await pushImage(image, { ...(await emulator.login()), repository: 'app/admin', tag: 'v1' })
  assert.equal(pushed.digest, image.digest)
  for (const reference of [`${uri}/app/admin:v1`, `${uri}/app/admin@${image.digest}`]) {
    const found = emulator.ecr.image(reference)
    assert.equal(found?.digest, image.digest)
    assert.deepEqual(found.config.config?.Cmd, ['node', 'server.js'])
    assert.equal(found.layers[0]?.annotations['dev.baton.layer'], 'application')
    const bytes = await readFile(found.layers[0]?.file ?? '')
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, found.layers[0]?.digest)
  }
  assert.equal(emulator.ecr.image(`${uri}/app/admin:v2`), undefined)
  assert.equal(emulator.ecr.image(`${uri}/nothing:v1`), undefined)
  assert.equal(emulator.ecr.image('docker.io/library/node:24'), undefined)
  const { imageDetails } = await emulator.client.send(
    new sdk.DescribeImagesCommand({ repositoryName: 'app/admin' }),
  )
  assert.deepEqual(
    imageDetails?.map(({ imageDigest, imageTags }) => [imageDigest, imageTags]),
    [[image.digest, ['v1']]],
  )
})

test('a second push sends nothing, and one of a changed image only what changed', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app', 'IMMUTABLE')
  const target = { ...(await emulator.login()), repository: 'app' }
  const image = await emulator.image('console.log(1)')
  assert.ok((await pushImage(image, { ...target, tag: 'v1' })).pushedBytes > 0)
  assert.equal((await pushImage(image, { ...target, tag: 'v1' })).pushedBytes, 0)
  const states: string[] = []
  const changed = await withFiles(image, { files: { 'fault.mjs': 'throw 1' } })
  await pushImage(changed, { ...target, tag: 'v2' }, ({ state }) => states.push(state))
  assert.deepEqual(states.sort(), ['exists', 'pushed', 'pushed'])
})

test('a layer is uploaded in pieces, and mounted from another repository', async () => {
  await using emulator = await served()
  await create(emulator.client, 'one')
  await create(emulator.client, 'two')
  const login = await emulator.login()
  const image = await emulator.image(`// ${Array.from({ length: 3000 }, Math.random).join()}`)
  await pushImage(image, { ...login, repository: 'one', chunkBytes: 10_000 })
  assert.ok(emulator.ecr.image(`${uri}/one@${image.digest}`))
  const states: string[] = []
  await pushImage(image, { ...login, repository: 'two', mountFrom: 'one' }, ({ state }) => states.push(state))
  assert.deepEqual(states, ['mounted', 'mounted'])
  assert.ok(emulator.ecr.image(`${uri}/two@${image.digest}`))
})

test('what was pushed can be pulled again as a base, and is then there without the registry', async () => {
  const pulled = { architecture: 'arm64', cacheDir: '' } as const
  let reference = ''
  let digest = ''
  const cacheDir = await mkdtemp(join(tmpdir(), 'baton-pull-'))
  try {
    {
      await using emulator = await served()
      await create(emulator.client, 'base')
      const { endpoint, ...credentials } = await emulator.login()
      const image = await emulator.image('console.log(1)')
      await pushImage(image, { endpoint, ...credentials, repository: 'base', tag: 'v1' })
      digest = image.digest
      reference = `${uri}/base@${digest}`
      const byTag = await pullImage({
        ...pulled,
        ...credentials,
        cacheDir,
        endpoint,
        reference: `${uri}/base:v1`,
      })
      assert.equal(byTag.digest, digest)
      assert.deepEqual(byTag.config, image.config)
    }
    const again = await pullImage({ ...pulled, cacheDir, endpoint: 'http://127.0.0.1:1', reference })
    assert.equal(again.digest, digest)
  } finally {
    await rm(cacheDir, { recursive: true })
  }
})

test('the registry asks who is there, and takes no token that it did not sign', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app')
  const anonymous = await fetch(`${emulator.endpoint}/v2/`)
  assert.equal(anonymous.status, 401)
  assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic realm="http:\/\/127/)
  const { password } = await emulator.login()
  const ask = async (text: string) =>
    (await fetch(`${emulator.endpoint}/v2/`, { headers: { authorization: `Basic ${btoa(text)}` } })).status
  assert.equal(await ask(`AWS:${password}`), 200)
  assert.equal(await ask(`someone:${password}`), 401)
  assert.equal(await ask(`AWS:x${password}`), 401)
})

test('a wrong digest, an unknown layer and an unknown repository are refused by the codes of the protocol', async () => {
  await using emulator = await served()
  await create(emulator.client, 'app')
  const { username, password } = await emulator.login()
  const ask = async (method: string, path: string, body?: string, type = 'application/octet-stream') => {
    const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}`, 'content-type': type }
    const response = await fetch(new URL(path, emulator.endpoint), {
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
  const outOfOrder = await fetch(new URL(location, emulator.endpoint), {
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
  await using emulator = await served()
  await create(emulator.client, 'app')
  const login = await emulator.login()
  const image = await emulator.image('console.log(1)')
  for (const tag of ['a', 'b', 'c']) await pushImage(image, { ...login, repository: 'app', tag })
  const headers = { authorization: `Basic ${btoa(`AWS:${login.password}`)}` }
  const first = await fetch(`${emulator.endpoint}/v2/app/tags/list?n=2`, { headers })
  assert.deepEqual(await first.json(), { name: 'app', tags: ['a', 'b'] })
  const next = /<(.+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
  assert.deepEqual(await (await fetch(new URL(next, emulator.endpoint), { headers })).json(), {
    name: 'app',
    tags: ['c'],
  })
  const { digest, size } = image.manifest.config
  const part = await fetch(`${emulator.endpoint}/v2/app/blobs/${digest}`, {
    headers: { ...headers, range: 'bytes=1-4' },
  })
  assert.equal(part.status, 206)
  assert.equal(part.headers.get('content-range'), `bytes 1-4/${size}`)
  assert.equal(await part.text(), JSON.stringify(image.config).slice(1, 5))
})

const skopeo = spawnSync('skopeo', ['--version']).status === 0
test('skopeo pushes and pulls', {
  skip: !skopeo && 'skopeo is not installed',
  timeout: 60_000,
}, async () => {
  await using emulator = await served()
  await create(emulator.client, 'app')
  const { username, password } = await emulator.login()
  const image = await emulator.image('console.log(1)')
  const remote = `docker://${new URL(emulator.endpoint).host}/app:v1`
  const local = `oci:${image.layout}`
  // Never synchronously: the registry is served by this process, which a synchronous call would stop.
  const run = (...parameters: string[]) => promisify(execFile)('skopeo', parameters)
  await run('copy', '--dest-tls-verify=false', '--dest-creds', `${username}:${password}`, local, remote)
  assert.equal(emulator.ecr.image(`${uri}/app:v1`)?.digest, image.digest)
  await run(
    'copy',
    '--src-tls-verify=false',
    '--src-creds',
    `${username}:${password}`,
    remote,
    `dir:${join(emulator.folder, 'pulled')}`,
  )
  const pulled = await readFile(join(emulator.folder, 'pulled', 'manifest.json'))
  assert.equal(`sha256:${createHash('sha256').update(pulled).digest('hex')}`, image.digest)
})
