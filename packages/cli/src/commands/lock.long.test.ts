/** `baton lock`, as a user calls it, with base images of a registry on this machine. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { imageFromFolder, pushImage } from '@baton/image'
import { startTestRegistry, type TestRegistry } from '@baton/image/test-registry'

const command = join(import.meta.dirname, '../../bin/baton.js')
const sample = join(import.meta.dirname, '../../../../examples/accounts/baton.config.ts')

let root: string
let registry: TestRegistry
let reference: string
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-lock-'))
  registry = await startTestRegistry()
  reference = `${new URL(registry.endpoint).host}/node:24`
  await writeFile(join(root, 'baton.config.ts'), `export { default } from '${sample}'`)
  await symlink(join(sample, '../apps'), join(root, 'apps'))
})
after(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})

async function publish(text: string): Promise<string> {
  const folder = await mkdtemp(join(root, 'base-'))
  await writeFile(join(folder, 'node'), text)
  const cacheDir = join(root, 'made')
  const image = await imageFromFolder({ folder, command: ['node'], architecture: 'arm64', cacheDir })
  await pushImage(image, { endpoint: registry.endpoint, repository: 'node', tag: '24' })
  return image.digest
}

async function lock(...parameters: string[]) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      command,
      '--config',
      join(root, 'baton.config.ts'),
      '--state-dir',
      join(root, 'state'),
      'lock',
      ...parameters,
    ],
    { env: { PATH: process.env.PATH, HOME: root, BATON_NODE_IMAGE: reference } },
  )
  return stdout
}

const locked = async () => JSON.parse(await readFile(join(root, 'baton.lock.json'), 'utf8')).images

test('bases are locked once, and again when that is asked for', async () => {
  const first = await publish('one')
  assert.match(
    await lock(),
    new RegExp(`^${reference}: locked in .*baton\\.lock\\.json\\. Commit the file\\.\n$`),
  )
  assert.deepEqual(await locked(), { [reference]: { 'linux/arm64': first } })
  const second = await publish('two')
  assert.match(await lock(), /is up to date/)
  assert.deepEqual(await locked(), { [reference]: { 'linux/arm64': first } })
  await lock('--update')
  assert.deepEqual(await locked(), { [reference]: { 'linux/arm64': second } })
})

test('a reference that is no base, and a registry that does not have it, are named', async () => {
  await assert.rejects(lock('--update', 'nginx'), { stderr: /nginx is no base image of the configuration/ })
  registry.manifests.clear()
  await assert.rejects(lock('--update'), { stderr: new RegExp(`The image ${reference} does not exist`) })
})
