import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { buildImage, checkSource, imageFromFolder } from '../build.ts'
import { mediaTypes } from '../oci.ts'
import { findCredentials } from './credentials.ts'
import { pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { startTestRegistry, type TestRegistry } from './registry.test-kit.ts'

let folder: string
let registry: TestRegistry
let kept: typeof process.env
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-pull-'))
  registry = await startTestRegistry()
  kept = { ...process.env }
})
after(async () => {
  process.env = kept
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
let home: string
beforeEach(async () => {
  registry.bearer = false
  registry.login = undefined
  home = await mkdtemp(join(folder, 'home-'))
  process.env = { PATH: kept.PATH, HOME: home }
})

const cacheDir = () => join(home, 'cache')
const host = () => new URL(registry.endpoint).host
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Pushes an image of one file for the architecture; the descriptor of its manifest. */
async function pushed(architecture: 'amd64' | 'arm64', more: object = {}) {
  const source = join(home, architecture)
  await mkdir(source, { recursive: true })
  await writeFile(join(source, 'tool'), architecture)
  const image = await imageFromFolder({
    folder: source,
    command: ['tool'],
    architecture,
    cacheDir: join(home, 'made'),
  })
  await pushImage(image, { endpoint: registry.endpoint, repository: 'team/tool' })
  return {
    mediaType: mediaTypes.manifest,
    digest: image.digest,
    size: 1,
    platform: { os: 'linux', architecture },
    ...more,
  }
}

function tag(name: string, type: string, content: object): void {
  registry.manifests.set(name, { type, body: Buffer.from(JSON.stringify(content)) })
}

const attestation = {
  mediaType: mediaTypes.manifest,
  digest: sha256('attestation'),
  size: 1,
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
}

const build = (name: string, architecture: 'amd64' | 'arm64' = 'amd64') =>
  buildImage(
    { kind: 'image', reference: `${host()}/team/tool:${name}` },
    { architecture, version: 'v7', cacheDir: cacheDir() },
  )

const refusal = (message: RegExp, fix: RegExp) => (error: Error & { fix: string }) => {
  assert.match(error.message, message)
  assert.match(error.fix, fix)
  return true
}

describe('an image of another registry', () => {
  test('is the one of the platform, beside attestations that are no images', async () => {
    const manifests = [attestation, await pushed('amd64'), await pushed('arm64')]
    tag('multi', mediaTypes.index, { schemaVersion: 2, manifests })
    for (const architecture of ['amd64', 'arm64'] as const)
      assert.equal((await build('multi', architecture)).config.architecture, architecture)
    const error = refusal(
      /no image for linux\/riscv64, only for linux\/amd64, linux\/arm64$/,
      /`architecture`/,
    )
    await assert.rejects(build('multi', 'riscv64' as 'amd64'), error)
  })

  test('may be in a manifest list of Docker’s', async () => {
    tag('list', mediaTypes.dockerIndex, {
      schemaVersion: 2,
      mediaType: mediaTypes.dockerIndex,
      manifests: [await pushed('arm64')],
    })
    assert.equal((await build('list', 'arm64')).config.architecture, 'arm64')
  })

  test('keeps its layers and its configuration; the version and its origin are added', async () => {
    const { digest } = await pushed('amd64')
    const original = await pullImage({
      reference: `${host()}/team/tool@${digest}`,
      architecture: 'amd64',
      cacheDir: cacheDir(),
    })
    const image = await buildImage(
      { kind: 'image', reference: `${host()}/team/tool@${digest}` },
      { architecture: 'amd64', version: 'v7', cacheDir: cacheDir() },
    )
    assert.deepEqual(image.manifest.layers, original.manifest.layers)
    const { Env, Labels, ...rest } = image.config.config ?? {}
    const { Env: before = [], Labels: _none, ...restBefore } = original.config.config ?? {}
    assert.deepEqual(rest, restBefore)
    assert.deepEqual(Env, [...before, 'APP_VERSION=v7'])
    assert.equal(Labels?.['dev.baton.kind'], 'image')
    assert.equal(Labels?.['org.opencontainers.image.base.digest'], digest)
  })

  test('for another platform is refused, though it is no index', async () => {
    const { digest } = await pushed('arm64')
    const source = { kind: 'image', reference: `${host()}/team/tool@${digest}` } as const
    await assert.rejects(
      checkSource(source, { architecture: 'amd64', cacheDir: cacheDir() }),
      refusal(/no image for linux\/amd64, only for linux\/arm64$/, /`architecture`/),
    )
  })

  test('that is not there is found before its layers are asked for', async () => {
    registry.requests.length = 0
    const source = { kind: 'image', reference: `${host()}/team/tool:none` } as const
    await assert.rejects(
      checkSource(source, { architecture: 'amd64', cacheDir: cacheDir() }),
      refusal(/^The image .*team\/tool:none does not exist/, /Correct the reference/),
    )
    assert.deepEqual(registry.requests, ['GET /v2/team/tool/manifests/none'])
  })

  test('of Docker’s schema 1, or that is none at all, is refused', async () => {
    tag('old', 'application/vnd.docker.distribution.manifest.v1+prettyjws', {
      schemaVersion: 1,
      fsLayers: [],
    })
    await assert.rejects(build('old'), refusal(/schema 1/, /Push the image again/))
    const config = { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: sha256('x'), size: 1 }
    tag('chart', mediaTypes.manifest, { schemaVersion: 2, config, layers: [] })
    await assert.rejects(build('chart'), refusal(/is no image of a container: .*helm/, /Name an image/))
    registry.manifests.set('page', { type: 'text/html', body: Buffer.from('<html>') })
    await assert.rejects(build('page'), refusal(/something that is no manifest \(text\/html\)/, /./))
  })
})

describe('a registry that wants to know who asks', () => {
  beforeEach(async () => {
    tag('private', mediaTypes.index, { schemaVersion: 2, manifests: [await pushed('amd64')] })
  })
  const writeAuth = async (file: string, content: object) => {
    await mkdir(join(home, file, '..'), { recursive: true })
    await writeFile(join(home, file), JSON.stringify(content))
  }
  const auths = (login = 'me:secret') => ({ auths: { [host()]: { auth: btoa(login) } } })

  test('by a password gets that of docker login', async () => {
    registry.login = 'me:secret'
    await assert.rejects(build('private'), refusal(/asks for a user name and a password/, /docker login 127/))
    await writeAuth('.docker/config.json', auths())
    assert.ok(await build('private'))
  })

  test('by a token gets that of REGISTRY_AUTH_FILE, for the repository rather than the registry', async () => {
    registry.login = 'me:secret'
    registry.bearer = true
    await writeAuth('.docker/config.json', auths('someone:else'))
    await writeAuth('auth.json', {
      auths: { [host()]: { auth: btoa('wrong:one') }, [`${host()}/team`]: { auth: btoa('me:secret') } },
    })
    process.env.REGISTRY_AUTH_FILE = join(home, 'auth.json')
    assert.ok(await build('private'))
  })

  test('by a refresh token gets that of a credential helper', async () => {
    registry.login = 'refresh'
    registry.bearer = true
    const helper = join(home, 'docker-credential-test')
    await writeFile(helper, `#!/bin/sh\nread host; echo '{"Username":"<token>","Secret":"refresh"}'\n`)
    await chmod(helper, 0o755)
    await writeAuth('.docker/config.json', { credHelpers: { [host()]: 'test' } })
    await assert.rejects(build('private'), refusal(/docker-credential-test .* is not installed/, /Install/))
    process.env.PATH = [home, kept.PATH].join(delimiter)
    assert.ok(await build('private'))
  })

  test('gets nothing of a file that cannot be read', async () => {
    await mkdir(join(home, '.docker'), { recursive: true })
    await writeFile(join(home, '.docker', 'config.json'), '{')
    await assert.rejects(build('private'), refusal(/config\.json is no JSON/, /Log in/))
  })
})

test('Docker Hub is found by the name under which Docker stores it', async () => {
  const auth = { auths: { 'https://index.docker.io/v1/': { auth: btoa('me:pass:word') } } }
  await writeFile(join(home, 'hub.json'), JSON.stringify(auth))
  const environment = { HOME: home, REGISTRY_AUTH_FILE: join(home, 'hub.json') }
  assert.deepEqual(await findCredentials('registry-1.docker.io', 'library/node', environment), {
    username: 'me',
    password: 'pass:word',
  })
  assert.deepEqual(await findCredentials('ghcr.test', 'library/node', environment), {})
})
