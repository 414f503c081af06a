import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { after, before, test } from 'node:test'
import { type Header, pack } from 'tar-stream'
import { createImageLayers, unpackLayer } from './image-layers.ts'

let directory: string
before(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'baton-layers-')))
})
after(() => rm(directory, { recursive: true, force: true }))

type Entry = Pick<Header, 'name'> & Partial<Header> & { content?: string }

async function layer(entries: Entry[]): Promise<string> {
  const file = join(directory, `${Math.random()}.tar`)
  const tar = pack()
  for (const { content, ...header } of entries) tar.entry(header, content ?? '')
  tar.finalize()
  await pipeline(tar, createWriteStream(file))
  return file
}

async function root(): Promise<string> {
  return realpath(await mkdtemp(join(directory, 'root-')))
}

const TAR = 'application/vnd.oci.image.layer.v1.tar'

test('files, directories and links land below the root', async () => {
  const into = await root()
  const file = await layer([
    { name: 'app/', type: 'directory' },
    { name: 'app/server.js', content: 'one' },
    { name: 'app/absolute', type: 'symlink', linkname: '/app/server.js' },
    { name: 'app/hard', type: 'link', linkname: 'app/server.js' },
  ])
  await unpackLayer(file, TAR, into)
  assert.equal(await readFile(join(into, 'app/absolute'), 'utf8'), 'one')
  assert.equal(await readFile(join(into, 'app/hard'), 'utf8'), 'one')
  assert.equal(await readlink(join(into, 'app/absolute')), 'server.js')
})

test('a whiteout removes a file of an earlier layer, an opaque one a directory’s content', async () => {
  const into = await root()
  await unpackLayer(
    await layer([
      { name: 'a/x', content: '1' },
      { name: 'b/x', content: '1' },
      { name: 'b/y', content: '1' },
    ]),
    TAR,
    into,
  )
  await unpackLayer(
    await layer([{ name: 'a/.wh.x' }, { name: 'b/.wh..wh..opq' }, { name: 'b/z', content: '2' }]),
    TAR,
    into,
  )
  assert.deepEqual(await readdir(join(into, 'a')), [])
  assert.deepEqual(await readdir(join(into, 'b')), ['z'])
})

for (const [what, entries] of [
  ['a name with ..', [{ name: 'app/../../evil', content: 'x' }]],
  ['a symbolic link out of the root', [{ name: 'out', type: 'symlink', linkname: '../../etc' }]],
  ['a hard link out of the root', [{ name: 'out', type: 'link', linkname: '../../../../etc/passwd' }]],
] satisfies [string, Entry[]][]) {
  test(`${what} is refused`, async () => {
    const into = await root()
    await assert.rejects(
      unpackLayer(await layer(entries), TAR, into),
      /leads out of the image's root directory/,
    )
    assert.deepEqual(await readdir(into), [])
  })
}

test('an image without an application layer says what it lacks', async () => {
  const image = { digest: 'sha256:1', config: { architecture: 'arm64', os: 'linux' }, layers: [] }
  await assert.rejects(
    createImageLayers(directory).unpack(image),
    /no layer annotated dev\.baton\.layer=application/,
  )
})

test('what was unpacked of images that nobody keeps is deleted, and unpacked anew when it comes back', async () => {
  const layers = createImageLayers(await root())
  const image = async (digest: string) => ({
    digest,
    config: { architecture: 'arm64', os: 'linux' },
    layers: [
      {
        digest: 'sha256:layer',
        mediaType: TAR,
        annotations: { 'dev.baton.layer': 'application' },
        file: await layer([{ name: 'app/server.js', content: digest }]),
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
