import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { imageFromFolder } from './build.ts'
import { type ImageLock, type LockedImage, openLock } from './lock.ts'
import { mediaTypes } from './oci.ts'
import { pushImage } from './registry/push.ts'
import { startTestRegistry, type TestRegistry } from './registry/registry.test-kit.ts'

let registry: TestRegistry
let root: string
before(async () => {
  registry = await startTestRegistry()
  root = await mkdtemp(join(tmpdir(), 'baton-lock-'))
})
after(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})
let folder: string
let reference: string
let reported: LockedImage[]
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'project-'))
  reference = `${new URL(registry.endpoint).host}/node:24`
  reported = []
})

const open = (): ImageLock =>
  openLock(join(folder, 'baton.lock.json'), {
    cacheDir: join(folder, 'cache'),
    onLocked: (locked) => reported.push(locked),
  })
const content = async () => JSON.parse(await readFile(join(folder, 'baton.lock.json'), 'utf8'))

/** Moves the tag to images of this content; their digests by platform. */
async function publish(text: string, architectures: ('amd64' | 'arm64')[] = ['amd64', 'arm64']) {
  const digests: Record<string, string> = {}
  for (const architecture of architectures) {
    const source = join(folder, text, architecture)
    await mkdir(source, { recursive: true })
    await writeFile(join(source, 'node'), text)
    const image = await imageFromFolder({
      folder: source,
      command: ['node'],
      architecture,
      cacheDir: join(folder, 'made'),
    })
    await pushImage(image, { endpoint: registry.endpoint, repository: 'node' })
    digests[`linux/${architecture}`] = image.digest
  }
  const manifests = architectures.map((architecture) => ({
    mediaType: mediaTypes.manifest,
    digest: digests[`linux/${architecture}`],
    size: 1,
    platform: { os: 'linux', architecture },
  }))
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }))
  registry.manifests.set('24', { type: mediaTypes.index, body })
  return digests
}

test('a base is written on the first build, for every platform, and stays when its tag moves', async () => {
  const digests = await publish('one')
  const lock = open()
  const both = await Promise.all([lock.resolve({ reference }, 'arm64'), lock.resolve({ reference }, 'arm64')])
  for (const each of both) assert.equal(each.reference, `${reference}@${digests['linux/arm64']}`)
  assert.deepEqual(reported, [{ reference, digests }])
  assert.deepEqual(await content(), { lockfileVersion: 1, images: { [reference]: digests } })

  await publish('two')
  const asked = registry.requests.length
  assert.equal(
    (await open().resolve({ reference }, 'amd64')).reference,
    `${reference}@${digests['linux/amd64']}`,
  )
  assert.equal(registry.requests.length, asked)
  assert.deepEqual(await readdir(folder).then((names) => names.filter((name) => name.includes('lock'))), [
    'baton.lock.json',
  ])
})

test('an update writes what the tag stands for now, and says whether that has changed', async () => {
  await publish('one')
  await open().resolve({ reference }, 'arm64')
  const digests = await publish('two')
  assert.deepEqual(await open().update({ reference }), { reference, digests, changed: true })
  assert.deepEqual((await content()).images, { [reference]: digests })
  assert.equal((await open().update({ reference })).changed, false)
  assert.deepEqual(await open().list(), [{ reference, digests }])
})

test('a reference with a digest needs no lock', async () => {
  const remote = { reference: `${reference}@sha256:${'a'.repeat(64)}` }
  assert.equal(await open().resolve(remote, 'arm64'), remote)
  await assert.rejects(content(), { code: 'ENOENT' })
})

test('a platform that the base has not is named, with those that it has', async () => {
  await publish('one', ['amd64'])
  await assert.rejects(open().resolve({ reference }, 'arm64'), {
    message: /node:24 has no image for linux\/arm64, only for linux\/amd64 \(.*baton\.lock\.json\)$/,
    fix: /baton lock --update/,
  })
})

for (const [name, text] of [
  ['a conflict of git', '<<<<<<< HEAD\n{}'],
  ['another version', '{ "lockfileVersion": 2, "images": {} }'],
  ['no digest', '{ "lockfileVersion": 1, "images": { "node:24": { "linux/arm64": "latest" } } }'],
  ['null', 'null'],
] as const) {
  test(`a lock file with ${name} is refused and stays as it is`, async () => {
    const file = join(folder, 'baton.lock.json')
    await writeFile(file, text)
    await assert.rejects(open().resolve({ reference }, 'arm64'), {
      message: /cannot be used/,
      fix: /merge conflict/,
    })
    assert.equal(await readFile(file, 'utf8'), text)
  })
}
