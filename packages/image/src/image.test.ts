import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import {
  type BuildOptions,
  buildImage,
  type Image,
  imageFromFolder,
  parseReference,
  pullImage,
  pushImage,
  withFiles,
} from './index.ts'
import { writeImage } from './layout.ts'
import { startTestRegistry } from './registry/registry.test-kit.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-image-'))
})
after(() => rm(folder, { recursive: true }))

/** A service package with a dependency in CommonJS, an asset, and a checkout of its own. */
async function service(checkout: string): Promise<string> {
  const source = join(folder, checkout, 'service')
  const dependency = join(source, 'node_modules', 'old-style')
  await mkdir(join(source, 'src'), { recursive: true })
  await mkdir(join(source, 'sql', 'deep'), { recursive: true })
  await mkdir(dependency, { recursive: true })
  await writeFile(join(dependency, 'package.json'), '{ "name": "old-style", "main": "index.js" }')
  await writeFile(
    join(dependency, 'index.js'),
    `const { sep } = require('node:path'); exports.answer = sep + 42`,
  )
  await writeFile(join(source, 'package.json'), '{ "type": "module", "baton": { "assets": ["sql"] } }')
  await writeFile(join(source, 'sql', 'deep', '1.sql'), 'select 1')
  await writeFile(
    join(source, 'src', 'main.ts'),
    `import { readFileSync } from 'node:fs'
     import { answer } from 'old-style'
     const text: string = readFileSync(new URL('./sql/deep/1.sql', import.meta.url), 'utf8')
     console.log(answer, text, process.env.GREETING)`,
  )
  return source
}

const build = async (
  checkout: string,
  cache: string,
  { entry = 'src/main.ts', ...more }: Partial<BuildOptions> & { entry?: string } = {},
) =>
  buildImage(
    { kind: 'source', folder: await service(checkout), entry },
    { architecture: 'arm64', environment: { GREETING: 'hello' }, cacheDir: join(folder, cache), ...more },
  )

async function unpack(image: Image): Promise<Map<string, { content: string; mtime: number; mode: number }>> {
  const files = new Map()
  for (const { digest } of image.manifest.layers) {
    const tar = extract()
    tar.end(gunzipSync(await readFile(image.blobs[digest] ?? '')))
    for await (const entry of tar) {
      const { name, mtime, mode, uid, gid } = entry.header
      assert.deepEqual([uid, gid], [0, 0])
      files.set(name, { content: await text(entry), mtime: mtime?.getTime(), mode })
    }
  }
  return files
}

test('the same source gives the same digest in any checkout, cache and time', async () => {
  const first = await build('one', 'cache-1')
  const past = new Date('2001-01-01')
  await utimes(join(folder, 'one', 'service', 'sql', 'deep', '1.sql'), past, past)
  const second = await build('elsewhere/much/deeper', 'cache-2')
  assert.equal(first.digest, second.digest)
  const other = await build('one', 'cache-1', { environment: { GREETING: 'hi' } })
  assert.notEqual(first.digest, other.digest)
  assert.equal(first.manifest.layers[0]?.digest, other.manifest.layers[0]?.digest)
})

test('an image holds one bundled file and its assets, in an annotated layer, and runs', async () => {
  const image = await build('one', 'cache-1')
  assert.deepEqual(
    image.manifest.layers.map(({ annotations }) => annotations),
    [{ 'dev.baton.layer': 'application' }],
  )
  assert.deepEqual(image.config.config?.Cmd, ['node', 'server.js'])
  assert.equal(image.config.config?.WorkingDir, '/app')
  const files = await unpack(image)
  assert.deepEqual(
    [...files.keys()],
    ['app/', 'app/package.json', 'app/server.js', 'app/sql/', 'app/sql/deep/', 'app/sql/deep/1.sql'],
  )
  assert.ok([...files.values()].every(({ mtime }) => mtime === 0))

  const root = join(folder, 'unpacked')
  for (const [name, { content }] of files) {
    if (name.endsWith('/')) await mkdir(join(root, name), { recursive: true })
    else await writeFile(join(root, name), content)
  }
  const child = spawn(process.execPath, ['server.js'], { cwd: join(root, 'app'), env: { GREETING: 'hello' } })
  child.stderr.pipe(process.stderr)
  assert.equal(await text(child.stdout), '/42 select 1 hello\n')
})

test('every blob has the digest by which the image names it, and the configuration those of the tars', async () => {
  const image = await build('one', 'cache-1')
  const sha256 = (content: Uint8Array) => `sha256:${createHash('sha256').update(content).digest('hex')}`
  for (const [digest, file] of Object.entries(image.blobs)) assert.equal(sha256(await readFile(file)), digest)
  const [layer] = image.manifest.layers
  const tar = gunzipSync(await readFile(image.blobs[layer?.digest ?? ''] ?? ''))
  assert.deepEqual(image.config.rootfs.diff_ids, [sha256(tar)])
  const index = JSON.parse(await readFile(join(image.layout, 'index.json'), 'utf8'))
  assert.ok(index.manifests.some(({ digest }: { digest: string }) => digest === image.digest))
})

test('files are laid over an image as one more application layer', async () => {
  const image = await build('one', 'cache-1')
  const faulty = await withFiles(image, {
    files: { 'fault.mjs': 'globalThis.broken = true', '/etc/motd': 'hello' },
    environment: { GREETING: 'changed', MORE: '1' },
    command: ['node', '--import', './fault.mjs', 'server.js'],
  })
  assert.equal(faulty.manifest.layers.length, 2)
  assert.equal(faulty.manifest.layers[1]?.annotations?.['dev.baton.layer'], 'application')
  assert.equal(faulty.config.rootfs.diff_ids.length, 2)
  assert.deepEqual(faulty.config.config?.Cmd, ['node', '--import', './fault.mjs', 'server.js'])
  assert.deepEqual(faulty.config.config?.Env, ['NODE_ENV=production', 'GREETING=changed', 'MORE=1'])
  const files = await unpack(faulty)
  assert.ok(files.has('app/fault.mjs') && files.has('etc/motd') && files.has('app/server.js'))
})

test('a folder becomes an image as it is', async () => {
  const source = join(folder, 'plain')
  await mkdir(source, { recursive: true })
  await writeFile(join(source, 'run.js'), '1')
  const cacheDir = join(folder, 'cache-1')
  const plain = await imageFromFolder({
    architecture: 'amd64',
    cacheDir,
    folder: source,
    command: ['node', 'run.js'],
  })
  assert.deepEqual([...(await unpack(plain)).keys()], ['app/', 'app/run.js'])
})

test('what cannot be built is named', async () => {
  await assert.rejects(
    build('one', 'cache-1', { entry: 'src/none.ts' }),
    /There is no entry module .*none\.ts/,
  )
  const source = await service('broken')
  await writeFile(join(source, 'src', 'main.ts'), `import 'not-installed'`)
  const broken = { kind: 'source', folder: source, entry: 'src/main.ts' } as const
  const options = { architecture: 'arm64', cacheDir: join(folder, 'cache-1') } as const
  await assert.rejects(buildImage(broken, options), /not-installed/)
  await writeFile(join(source, 'src', 'main.ts'), '1')
  await writeFile(join(source, 'package.json'), '{ "baton": { "assets": ["missing"] } }')
  await assert.rejects(buildImage(broken, options), /There is no .*missing/)
})

test('a service is laid over the image of its platform, pulled with a token from an index', async () => {
  await using registry = await startTestRegistry()
  const layout = join(folder, 'cache-base')
  const bases = await Promise.all(
    (['amd64', 'arm64'] as const).map(async (architecture) => {
      const source = join(folder, `base-${architecture}`)
      await mkdir(source, { recursive: true })
      await writeFile(join(source, 'node'), architecture)
      const image = await imageFromFolder({
        folder: source,
        command: ['node'],
        architecture,
        cacheDir: layout,
      })
      const { config, rootfs } = image.config
      const withEntrypoint = {
        ...image.config,
        rootfs,
        config: { ...config, Entrypoint: ['docker-entrypoint.sh'] },
      }
      return writeImage(layout, withEntrypoint, image.manifest.layers)
    }),
  )
  for (const image of bases)
    await pushImage(image, { endpoint: registry.endpoint, repository: 'library/node' })
  const manifests = bases.map(({ digest, config: { architecture } }) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: 1,
    platform: { os: 'linux', architecture },
  }))
  const type = 'application/vnd.oci.image.index.v1+json'
  registry.manifests.set('24', { type, body: Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })) })
  registry.bearer = true

  const base = { reference: 'node:24', endpoint: registry.endpoint }
  const image = await build('one', 'cache-3', { base, architecture: 'arm64' })
  assert.equal(image.manifest.layers.length, 2)
  assert.equal(image.manifest.layers[0]?.digest, bases[1]?.manifest.layers[0]?.digest)
  assert.equal(image.config.architecture, 'arm64')
  assert.equal(image.config.config?.Entrypoint, undefined)
  assert.deepEqual(image.config.config?.Cmd, ['node', 'server.js'])

  registry.requests.length = 0
  assert.equal((await build('one', 'cache-3', { base })).digest, image.digest)
  assert.deepEqual(
    registry.requests.filter((each) => each.includes('/blobs/')),
    [],
  )

  const only = { ...base, architecture: 'riscv64' as 'arm64', cacheDir: layout }
  await assert.rejects(pullImage(only), /no image for linux\/riscv64, only for linux\/amd64, linux\/arm64/)
})

test('a blob that arrives changed is refused and not kept', async () => {
  await using registry = await startTestRegistry()
  const image = await build('one', 'cache-1')
  await pushImage(image, { endpoint: registry.endpoint, repository: 'app', tag: 'v1' })
  const [layer] = image.manifest.layers
  registry.blobs.set(layer?.digest ?? '', Buffer.from('something else'))
  const pull = () =>
    pullImage({
      reference: 'app:v1',
      endpoint: registry.endpoint,
      architecture: 'arm64',
      cacheDir: join(folder, 'cache-4'),
    })
  await assert.rejects(pull(), /has the digest/)
  await assert.rejects(pull(), /has the digest/)
})

test('a push outlives answers that fail for a moment, and gives up on those that do not', async () => {
  await using registry = await startTestRegistry()
  const image = await build('one', 'cache-1')
  registry.failures = 2
  const target = { endpoint: registry.endpoint, repository: 'app', tag: 'v1' }
  assert.equal((await pushImage(image, target)).digest, image.digest)
  assert.ok(registry.manifests.has('v1'))
  registry.failures = 1000
  await assert.rejects(pushImage(image, { ...target, tag: 'v2' }), {
    name: 'RegistryError',
    status: 503,
    message: /^Cannot push sha256:[0-9a-f]{64} to app: 127\.0\.0\.1:\d+ answers 503$/,
  })
  assert.ok(registry.failures > 985)
})

test('a registry that is not there, or that wants a password, is named', async () => {
  const image = await build('one', 'cache-1')
  const refused = pushImage(image, { endpoint: 'http://127.0.0.1:1', repository: 'app' })
  await assert.rejects(refused, /127\.0\.0\.1:1 does not answer/)
  const send: typeof fetch = async () =>
    new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } })
  const anonymous = pushImage(image, { endpoint: 'http://images.test', repository: 'app', fetch: send })
  await assert.rejects(anonymous, /asks for a user name and a password/)
})

const references: [reference: string, host: string, repository: string, tag: string][] = [
  ['node', 'registry-1.docker.io', 'library/node', 'latest'],
  ['node:24-slim', 'registry-1.docker.io', 'library/node', '24-slim'],
  ['me/app', 'registry-1.docker.io', 'me/app', 'latest'],
  ['public.ecr.aws/docker/library/node:24', 'public.ecr.aws', 'docker/library/node', '24'],
  ['localhost:5000/app:v1', 'localhost:5000', 'app', 'v1'],
]
for (const [reference, host, repository, tag] of references) {
  test(`the reference ${reference} is ${tag} of ${repository} at ${host}`, () => {
    assert.deepEqual(parseReference(reference), { host, repository, tag })
    const digest = `sha256:${'a'.repeat(64)}`
    assert.equal(parseReference(`${reference}@${digest}`).digest, digest)
  })
}

test('what is no reference is refused', () => {
  for (const reference of ['', 'UPPER', 'a b', 'app@sha256:short'])
    assert.throws(() => parseReference(reference), /is no reference/)
})
