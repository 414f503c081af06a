/** What a layer may do to the machine: nothing outside of its directory, and not more than its limits. */
import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, test } from 'node:test'
import { createGzip } from 'node:zlib'
import { type LayerEntry, layerFile, tarMediaType } from '../test-kit/layers.test-kit.ts'
import { startUnpacking, type UnpackLimits, unpackLayer } from './unpack-layer.ts'

let directory: string
before(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'baton-layer-')))
})
after(() => rm(directory, { recursive: true, force: true }))

/** A root with a directory around it, in which nothing else may appear. */
async function newRoot(): Promise<string> {
  const root = join(await mkdtemp(join(directory, 'around-')), 'root')
  await mkdir(root)
  return root
}

async function unpack(root: string, file: string, limits?: UnpackLimits, mediaType = tarMediaType) {
  await unpackLayer(await startUnpacking(root, limits), file, mediaType)
}

test('files, directories and links land below the root', async () => {
  const into = await newRoot()
  const file = await layerFile(directory, [
    { name: 'app/', type: 'directory' },
    { name: 'app/server.js', content: 'one' },
    { name: 'app/absolute', type: 'symlink', linkname: '/app/server.js' },
    { name: 'app/hard', type: 'link', linkname: 'app/server.js' },
  ])
  await unpack(into, file)
  assert.equal(await readFile(join(into, 'app/absolute'), 'utf8'), 'one')
  assert.equal(await readFile(join(into, 'app/hard'), 'utf8'), 'one')
  assert.equal(await readlink(join(into, 'app/absolute')), 'server.js')
})

test('a whiteout removes a file of an earlier layer, an opaque one a directory’s content', async () => {
  const into = await newRoot()
  await unpack(
    into,
    await layerFile(directory, [
      { name: 'a/x', content: '1' },
      { name: 'b/x', content: '1' },
      { name: 'b/y', content: '1' },
    ]),
  )
  await unpack(
    into,
    await layerFile(directory, [
      { name: 'a/.wh.x' },
      { name: 'b/.wh..wh..opq' },
      { name: 'b/z', content: '2' },
    ]),
  )
  assert.deepEqual(await readdir(join(into, 'a')), [])
  assert.deepEqual(await readdir(join(into, 'b')), ['z'])
})

for (const [what, entries] of [
  ['a name with ..', [{ name: 'app/../../evil', content: 'x' }]],
  ['a symbolic link out of the root', [{ name: 'out', type: 'symlink', linkname: '../../etc' }]],
  ['a hard link out of the root', [{ name: 'out', type: 'link', linkname: '../../../../etc/passwd' }]],
] satisfies [string, LayerEntry[]][]) {
  test(`${what} is refused`, async () => {
    const into = await newRoot()
    await assert.rejects(
      unpack(into, await layerFile(directory, entries)),
      /leads out of the image's root directory/,
    )
    assert.deepEqual(await readdir(into), [])
  })
}

// https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
for (const name of ['.wh...', '.wh..', '.wh.', 'app/.wh...', 'app/.wh..']) {
  test(`the whiteout ${name} is refused, and removes nothing`, async () => {
    const root = await newRoot()
    await writeFile(join(root, '..', 'outside'), 'kept')
    await mkdir(join(root, 'app'))
    await writeFile(join(root, 'app', 'server.js'), 'kept')
    await assert.rejects(unpack(root, await layerFile(directory, [{ name }])), /is a whiteout of no name/)
    assert.equal(await readFile(join(root, '..', 'outside'), 'utf8'), 'kept')
    assert.equal(await readFile(join(root, 'app', 'server.js'), 'utf8'), 'kept')
  })
}

test('a chain of links that leads out together is refused, and makes no directory outside', async () => {
  const root = await newRoot()
  const chain = await layerFile(directory, [
    { name: 'sub/', type: 'directory' },
    { name: 'sub/up', type: 'symlink', linkname: '..' },
    { name: 'out', type: 'symlink', linkname: 'sub/up/../made' },
    { name: 'way', type: 'symlink', linkname: 'sub/up/..' },
  ])
  await unpack(root, chain).catch(() => undefined)
  const through = await layerFile(directory, [{ name: 'way/made/file', content: 'x' }])
  await unpack(root, through).catch(() => undefined)
  await unpack(root, await layerFile(directory, [{ name: 'out/file', content: 'x' }])).catch(() => undefined)
  assert.deepEqual(await readdir(join(root, '..')), ['root'])
})

test('a file is written in place of a link, never through it', async () => {
  const root = await newRoot()
  await writeFile(join(root, '..', 'outside'), 'kept')
  await symlink('../outside', join(root, 'link'))
  await unpack(root, await layerFile(directory, [{ name: 'link', content: 'inside' }]))
  assert.equal(await readFile(join(root, '..', 'outside'), 'utf8'), 'kept')
  assert.equal(await readFile(join(root, 'link'), 'utf8'), 'inside')
})

test('devices and pipes are left out, and nothing runs with the rights of another user', async () => {
  const root = await newRoot()
  const file = await layerFile(directory, [
    { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
    { name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 },
    { name: 'pipe', type: 'fifo' },
    { name: 'su', mode: 0o4755, content: '#!/bin/sh' },
  ])
  await unpack(root, file)
  assert.deepEqual(await readdir(root), ['su'])
  assert.equal((await stat(join(root, 'su'))).mode & 0o7000, 0)
})

test('names that differ only in case or in normal form are refused where the file system takes them for one', async () => {
  const root = await newRoot()
  for (const [one, other] of [
    ['Config', 'config'],
    ['\u00e9', 'e\u0301'],
  ] as const) {
    const file = await layerFile(directory, [
      { name: one, content: '1' },
      { name: other, content: '2' },
    ])
    const folding = { ...(await startUnpacking(root)), foldsNames: true }
    await assert.rejects(
      unpackLayer(folding, file, tarMediaType),
      /are one name to this machine's file system/,
    )
  }
})

const small = { bytes: 100_000, entries: 10 }

test('too large a file is refused by what it declares, before it is written', async () => {
  const root = await newRoot()
  const file = await layerFile(directory, [{ name: 'large', content: 'x'.repeat(100_001) }])
  await assert.rejects(unpack(root, file, small), /hold more than 100000 bytes/)
  assert.deepEqual(await readdir(root), [])
})

test('too many entries are refused', async () => {
  const root = await newRoot()
  const names = Array.from({ length: 11 }, (_, index) => ({ name: `f${index}` }))
  await assert.rejects(unpack(root, await layerFile(directory, names), small), /hold more than 10 entries/)
})

test('a compressed header that grows without end is refused before it fills the memory', async () => {
  const root = await newRoot()
  const file = join(directory, 'bomb.tar.gz')
  const header = Buffer.alloc(512)
  header.write('././@PaxHeader', 0)
  header.write('0000644\0', 100)
  header.write('77777777777\0', 124)
  header.write('00000000000\0', 136)
  header.write('        x', 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const zeros = Buffer.alloc(1024 * 1024)
  const content = Readable.from(
    (function* () {
      yield header
      for (let mebibyte = 0; mebibyte < 64; mebibyte++) yield zeros
    })(),
  )
  await pipeline(content, createGzip(), createWriteStream(file))
  await assert.rejects(unpack(root, file, small, `${tarMediaType}+gzip`), /Header exceeds max size/)
})

for (const at of [512, 513, 1536, 1540]) {
  test(`a layer that is cut off after ${at} bytes is refused`, { timeout: 20_000 }, async () => {
    const into = await newRoot()
    const whole = await readFile(
      await layerFile(directory, [
        { name: 'a', content: 'text' },
        { name: 'b', content: 'text' },
      ]),
    )
    const file = join(directory, `cut-${at}`)
    await writeFile(file, whole.subarray(0, at))
    await assert.rejects(unpack(into, file), /ends within its entry|Unexpected end of data/)
  })
}
