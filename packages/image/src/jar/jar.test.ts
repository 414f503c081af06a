import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { extract } from 'tar-stream'
import { buildImage } from '../build.ts'
import type { Image } from '../oci.ts'
import { classFile, write, writeBootJar } from '../test-kit/jar.test-kit.ts'
import { parseManifest } from './manifest.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-jar-'))
})
after(() => rm(folder, { recursive: true }))

const build = (path: string, more: { javaVersion?: number; jvmOptions?: string[]; cache?: string } = {}) =>
  buildImage(
    { kind: 'jar', path, javaVersion: more.javaVersion ?? 17, jvmOptions: more.jvmOptions ?? [] },
    { architecture: 'amd64', version: 'v1', cacheDir: join(folder, more.cache ?? 'cache') },
  )

/** Files of each layer, by path. */
async function layersOf(image: Image): Promise<Map<string, Buffer>[]> {
  return Promise.all(
    image.manifest.layers.map(async ({ digest }) => {
      const files = new Map<string, Buffer>()
      const tar = extract()
      tar.end(gunzipSync(await readFile(image.blobs[digest] ?? '')))
      for await (const entry of tar) {
        const content = await buffer(entry)
        if (entry.header.type === 'file') files.set(entry.header.name, content)
      }
      return files
    }),
  )
}

const pathsOf = async (image: Image) => (await layersOf(image)).map((files) => [...files.keys()])

async function applicationOf(image: Image): Promise<Map<string, Buffer>> {
  const files = (await layersOf(image)).at(-1)
  const entries = unzipSync(files?.get('app/app.jar') ?? Buffer.alloc(0))
  return new Map(Object.entries(entries).map(([name, content]) => [name, Buffer.from(content)]))
}

describe('a Spring Boot jar', () => {
  test('becomes a layer for each of its own that holds something, without Spring Boot’s loader', async () => {
    const image = await build(await writeBootJar(join(folder, 'a.jar')))
    assert.deepEqual(await pathsOf(image), [
      ['app/lib/web-6.2.jar'],
      ['app/lib/core-1-SNAPSHOT.jar'],
      ['app/app.jar'],
    ])
    assert.deepEqual(
      [...(await applicationOf(image)).keys()],
      ['META-INF/MANIFEST.MF', 'META-INF/maven/demo/pom.properties', 'application.yml', 'demo/App.class'],
    )
    assert.ok(
      image.manifest.layers.every(({ annotations }) => annotations?.['dev.baton.layer'] === 'application'),
    )
  })

  test('is started as a plain jar whose class path has the order of the index, and keeps its own attributes', async () => {
    const image = await build(await writeBootJar(join(folder, 'b.jar')), { jvmOptions: ['-Xmx256m'] })
    assert.deepEqual(image.config.config?.Entrypoint, ['java', '-Xmx256m', '-jar', 'app.jar'])
    const manifest = (await applicationOf(image)).get('META-INF/MANIFEST.MF')?.toString() ?? ''
    assert.deepEqual(Object.fromEntries(parseManifest(manifest)), {
      'Manifest-Version': '1.0',
      'Implementation-Version': '1',
      'Spring-Boot-Version': '3.5.8',
      'Main-Class': 'demo.App',
      'Class-Path': 'lib/core-1-SNAPSHOT.jar lib/web-6.2.jar',
    })
    assert.ok(manifest.split('\r\n').every((line) => line.length <= 72))
  })

  test('says what it was built of', async () => {
    const { config } = (await build(await writeBootJar(join(folder, 'c.jar')))).config
    assert.deepEqual(config?.Labels, {
      'dev.baton.kind': 'jar',
      'dev.baton.java-version': '17',
      'org.opencontainers.image.version': 'v1',
    })
    assert.deepEqual(config?.Env, ['APP_VERSION=v1'])
  })

  test('of an edited application shares all layers but one', async () => {
    const one = await build(await writeBootJar(join(folder, 'd.jar'), { code: 'one' }))
    const two = await build(await writeBootJar(join(folder, 'd.jar'), { code: 'two' }))
    const changed = two.manifest.layers.filter(
      ({ digest }) => !one.manifest.layers.some((layer) => layer.digest === digest),
    )
    assert.deepEqual(changed, [two.manifest.layers.at(-1)])
  })

  test('built again at another time, in another time zone and cache, has the same digest', async () => {
    const zone = process.env.TZ
    try {
      const one = await build(await writeBootJar(join(folder, 'e.jar')))
      process.env.TZ = 'Asia/Seoul'
      const later = await writeBootJar(join(folder, 'e2.jar'), { builtAt: new Date(2027, 5, 5) })
      assert.equal((await build(later, { cache: 'other' })).digest, one.digest)
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })

  test('of Spring Boot 2 without indexes keeps snapshots apart', async () => {
    const jar = await writeBootJar(join(folder, 'f.jar'), { boot: '2.7.18', indexes: false })
    assert.deepEqual(await pathsOf(await build(jar)), [
      ['app/lib/core-1-SNAPSHOT.jar'],
      ['app/lib/web-6.2.jar'],
      ['app/app.jar'],
    ])
  })

  test('with layers of its author’s has those', async () => {
    const index = '- "company":\n  - "BOOT-INF/lib/core-1-SNAPSHOT.jar"\n- "rest":\n  - "BOOT-INF/"\n'
    const jar = await writeBootJar(join(folder, 'g.jar'), { files: { 'BOOT-INF/layers.idx': index } })
    assert.deepEqual(await pathsOf(await build(jar)), [
      ['app/lib/core-1-SNAPSHOT.jar'],
      ['app/lib/web-6.2.jar', 'app/app.jar'].sort(),
    ])
  })

  test('that is signed, or started by another launcher, stays in one piece', async () => {
    const signed = await writeBootJar(join(folder, 'h.jar'), { files: { 'META-INF/ME.SF': 'signature' } })
    const image = await build(signed)
    assert.deepEqual(await pathsOf(image), [['app/app.jar']])
    assert.deepEqual((await layersOf(image))[0]?.get('app/app.jar'), await readFile(signed))
  })
})

const manifest = (lines: string) => ({ 'META-INF/MANIFEST.MF': `Manifest-Version: 1.0\n${lines}\n` })

test('an ordinary executable jar is one layer, as it is', async () => {
  const jar = await write(join(folder, 'plain.jar'), {
    ...manifest('Main-Class: demo.Main'),
    'demo/Main.class': classFile(17, ''),
  })
  const image = await build(jar)
  assert.deepEqual(await pathsOf(image), [['app/app.jar']])
  assert.deepEqual((await layersOf(image))[0]?.get('app/app.jar'), await readFile(jar))
})

describe('what is no executable jar is refused with its fix:', () => {
  const cases: [name: string, make: (path: string) => Promise<unknown>, message: RegExp, fix: RegExp][] = [
    ['nothing at all', async () => {}, /^There is no jar .*bad\.jar/, /mvn package/],
    ['a text', (path) => writeFile(path, 'not a zip'), /is no jar: it cannot be read/, /Build it again/],
    ['an empty file', (path) => writeFile(path, ''), /is no jar: it cannot be read/, /Build it again/],
    ['half of a jar', cut, /is no jar: it cannot be read/, /Build it again/],
    ['a zip without a manifest', (path) => write(path, { a: 'b' }), /has no META-INF\/MANIFEST/, /java -jar/],
    ['a library', (path) => write(path, manifest('A: b')), /no Main-Class/, /repackage.*bootJar/],
    [
      'a jar for a newer Java',
      (path) => writeBootJar(path, { javaVersion: 21 }),
      /compiled for Java 21, and `javaVersion` is 17/,
      /javaVersion: 21/,
    ],
  ]
  for (const [name, make, message, fix] of cases) {
    test(name, async () => {
      const path = join(folder, 'bad.jar')
      await rm(path, { force: true })
      await make(path)
      await assert.rejects(build(path), (error: Error & { fix: string }) => {
        assert.match(error.message, message)
        assert.match(error.fix, fix)
        return true
      })
    })
  }
})

async function cut(path: string): Promise<void> {
  await writeBootJar(path)
  const whole = await readFile(path)
  await writeFile(path, whole.subarray(0, whole.length / 2))
}

test('the command that makes the jar runs first, and its last lines are reported when it fails', async () => {
  const ready = await writeBootJar(join(folder, 'ready.jar'))
  const source = (command: string) =>
    ({
      kind: 'jar',
      path: join(folder, 'made.jar'),
      javaVersion: 17,
      jvmOptions: [],
      build: { command, folder },
    }) as const
  const options = { architecture: 'amd64', cacheDir: join(folder, 'cache') } as const
  await assert.rejects(
    buildImage(source('echo broken line 7; exit 3'), options),
    /with code 3:\nbroken line 7$/,
  )
  assert.ok((await buildImage(source(`cp ${ready} made.jar`), options)).digest)
})
