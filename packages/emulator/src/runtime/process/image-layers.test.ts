import assert from 'node:assert/strict'
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { layerFile, tarMediaType } from '../test-kit/layers.test-kit.ts'
import { createImageLayers } from './image-layers.ts'

let directory: string
before(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'baton-layers-')))
})
after(() => rm(directory, { recursive: true, force: true }))

test('an image without an application layer says what it lacks', async () => {
  const image = { digest: 'sha256:1', config: { architecture: 'arm64', os: 'linux' }, layers: [] }
  await assert.rejects(
    createImageLayers(directory).unpack(image),
    /no layer annotated dev\.baton\.layer=application/,
  )
})

test('what was unpacked of an image that is no longer kept is deleted, and unpacked again when the image comes back', async () => {
  const layers = createImageLayers(await mkdtemp(join(directory, 'images-')))
  const image = async (digest: string) => ({
    digest,
    config: { architecture: 'arm64', os: 'linux' },
    layers: [
      {
        digest: 'sha256:layer',
        mediaType: tarMediaType,
        annotations: { 'dev.baton.layer': 'application' },
        file: await layerFile(directory, [{ name: 'app/server.js', content: digest }]),
      },
    ],
  })
  const [kept, gone] = [await image('sha256:kept'), await image('sha256:gone')]
  const roots = [await layers.unpack(kept), await layers.unpack(gone)]
  await layers.removeExcept((digest) => digest === 'sha256:kept')
  assert.deepEqual(await Promise.all(roots.map((path) => readdir(path).catch(() => 'gone'))), [
    ['app'],
    'gone',
  ])
  assert.deepEqual(await readdir(await layers.unpack(gone)), ['app'])
})

test('the layers of an image may not unpack more than their limit together', async () => {
  const limits = { bytes: 1_500, entries: 100 }
  const images = await mkdtemp(join(directory, 'images-'))
  const part = async (name: string) => ({
    digest: `sha256:${name}`,
    mediaType: tarMediaType,
    annotations: { 'dev.baton.layer': 'application' },
    file: await layerFile(directory, [{ name, content: 'x'.repeat(1_000) }]),
  })
  const image = {
    digest: 'sha256:large',
    config: { architecture: 'arm64', os: 'linux' },
    layers: [await part('one'), await part('two')],
  }
  await assert.rejects(createImageLayers(images, limits).unpack(image), /hold more than 1500 bytes/)
  assert.deepEqual(await readdir(images), [])
})
