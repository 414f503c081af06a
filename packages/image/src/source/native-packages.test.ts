import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { bundleService } from './bundle.ts'
import type { NativeTarget } from './native-packages.ts'

let root: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-native-'))
})
after(() => rm(root, { recursive: true }))
let service: string
beforeEach(async () => {
  service = await mkdtemp(join(root, 'service-'))
})

async function write(files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(service, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

const fargate: NativeTarget = { cpu: 'arm64', isForMachine: false }
const machine: NativeTarget = { cpu: 'arm64', isForMachine: true }

const paths = async (target: NativeTarget) =>
  [...(await bundleService(service, 'main.ts', target)).keys()].filter((path) =>
    path.includes('node_modules'),
  )

test('a package with its binaries goes along as a package, with those of the image’s platform', async () => {
  await write({
    'main.ts': `import hash from 'hasher'; console.log(hash)`,
    'node_modules/hasher/package.json': {
      name: 'hasher',
      version: '2.0.0',
      dependencies: { 'node-gyp-build': '4' },
      scripts: { install: 'node-gyp-build' },
    },
    'node_modules/hasher/index.js': `module.exports = require('node-gyp-build')(__dirname)`,
    'node_modules/hasher/build/Release/hasher.node': 'of this machine',
    'node_modules/hasher/prebuilds/linux-arm64/hasher.node': 'arm',
    'node_modules/hasher/prebuilds/win32-x64/hasher.node': 'windows',
    'node_modules/node-gyp-build/package.json': { name: 'node-gyp-build', version: '4.0.0' },
    'node_modules/node-gyp-build/index.js': '',
  })
  assert.deepEqual(
    await paths(fargate),
    [
      'node_modules/hasher/index.js',
      'node_modules/hasher/package.json',
      'node_modules/hasher/prebuilds/linux-arm64/hasher.node',
      'node_modules/node-gyp-build/index.js',
      'node_modules/node-gyp-build/package.json',
    ].sort(),
  )
  const code = String((await bundleService(service, 'main.ts', fargate)).get('server.js'))
  assert.match(code, /from ["']hasher["']/)
  assert.ok((await paths(machine)).includes('node_modules/hasher/build/Release/hasher.node'))
})

const perPlatform = {
  'main.ts': `import sharp from 'sharp'; console.log(sharp)`,
  'node_modules/sharp/package.json': {
    name: 'sharp',
    version: '1.0.0',
    optionalDependencies: {
      '@img/sharp-linux-arm64': '1.0.0',
      '@img/sharp-linuxmusl-arm64': '1.0.0',
      '@img/sharp-darwin-arm64': '1.0.0',
      [`@img/sharp-${process.platform}-${process.arch}`]: '1.0.0',
    },
  },
  'node_modules/sharp/index.js': '',
}
const binary = (name: string) => ({
  [`node_modules/@img/${name}/package.json`]: { name: `@img/${name}`, version: '1.0.0', os: ['linux'] },
  [`node_modules/@img/${name}/lib.node`]: name,
})

test('of a package per platform the one of the image goes along, or this machine’s for a process', async () => {
  const own = `sharp-${process.platform}-${process.arch}`
  await write({
    ...perPlatform,
    ...binary('sharp-linux-arm64'),
    ...binary('sharp-linuxmusl-arm64'),
    ...binary(own),
  })
  const binaries = async (target: NativeTarget) =>
    (await paths(target)).filter((path) => path.endsWith('.node'))
  assert.deepEqual(await binaries(fargate), ['node_modules/@img/sharp-linux-arm64/lib.node'])
  assert.deepEqual(await binaries(machine), [`node_modules/@img/${own}/lib.node`])
})

test('a package that is compiled where it is installed is refused by name, with its fix', async () => {
  await write({
    'main.ts': `import db from 'sqlite-native'; console.log(db)`,
    'node_modules/sqlite-native/package.json': {
      name: 'sqlite-native',
      version: '3.1.0',
      scripts: { install: 'prebuild-install || node-gyp rebuild' },
    },
    'node_modules/sqlite-native/index.js': '',
    'node_modules/sqlite-native/build/Release/x.node': '',
  })
  for (const target of [fargate, machine])
    await assert.rejects(bundleService(service, 'main.ts', target), {
      message: /^sqlite-native@3\.1\.0 has native parts and no binaries for linux-arm64/,
      fix: /`dockerfile`/,
    })
})

test('a compiled module of the service’s own is refused', async () => {
  await write({ 'main.ts': `import x from './x.node'; console.log(x)`, 'x.node': '' })
  await assert.rejects(
    bundleService(service, 'main.ts', fargate),
    /main\.ts loads \.\/x\.node, which is compiled/,
  )
})

test('what a library does without may be missing, or be without binaries', async () => {
  await write({
    'main.ts': `import 'library'`,
    'node_modules/library/package.json': {
      name: 'library',
      version: '1.0.0',
      optionalDependencies: { accelerator: '1' },
      peerDependenciesMeta: { absent: { optional: true } },
    },
    'node_modules/library/index.js': `for (const load of [() => require('accelerator'), () => require('absent')]) try { load() } catch {}`,
    'node_modules/accelerator/package.json': { name: 'accelerator', version: '1.0.0', gypfile: true },
    'node_modules/accelerator/index.js': '',
  })
  assert.deepEqual(await paths(fargate), [])
})
