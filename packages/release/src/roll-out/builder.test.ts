import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import type { Container, ImageSource, Platform, Service } from '@baton/config'
import { loadPlatform } from '@baton/config'
import { imageFromFolder, pushImage } from '@baton/image'
import { startTestRegistry, type TestRegistry } from '@baton/image/test-registry'
import { fromSources } from './builder.ts'

const sample = new URL('../../../../examples/accounts/baton.config.ts', import.meta.url)

let root: string
let registry: TestRegistry
let platform: Platform
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-builder-'))
  registry = await startTestRegistry()
  platform = await loadPlatform(sample.pathname)
  const folder = join(import.meta.dirname, '../test-kit')
  const image = await imageFromFolder({
    folder,
    command: ['x'],
    architecture: 'arm64',
    cacheDir: join(root, 'made'),
  })
  await pushImage(image, { endpoint: registry.endpoint, repository: 'team/proxy', tag: '1' })
})
after(async () => {
  await registry[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})
let rootDir: string
beforeEach(async () => {
  rootDir = await mkdtemp(join(root, 'project-'))
})

const reference = (name: string) => `${new URL(registry.endpoint).host}/team/${name}`

/** The sample's service with a container beside its own. */
function serviceWith(image: ImageSource): Service {
  const [service] = platform.services
  assert.ok(service)
  const [main] = service.containers
  const beside: Container = { ...main, name: 'proxy', image }
  return { ...service, containers: [main, beside] }
}

const builderOf = (base?: { reference: string }) => {
  const steps: string[] = []
  const builder = fromSources(
    { ...platform, rootDir },
    {
      version: 'v1',
      cacheDir: join(rootDir, 'cache'),
      sitesDir: join(rootDir, 'sites'),
      base,
      onProgress: ({ target, step, state }) => steps.push(`${state} ${target}: ${step}`),
    },
  )
  return { builder, steps }
}

test('every container of a service has an image, and says what it was built of', async () => {
  const { builder } = builderOf()
  const service = serviceWith({ kind: 'image', reference: reference('proxy:1') })
  const [main, beside] = await Promise.all([builder.service(service), builder.sidecars(service)])
  const kinds = [main, beside.proxy].map((image) => image?.config.config?.Labels?.['dev.baton.kind'])
  assert.deepEqual(kinds, ['source', 'image'])
  assert.equal(existsSync(join(rootDir, 'baton.lock.json')), false, 'without a base there is nothing to lock')
})

test('nothing is built where one of the images does not exist', async () => {
  const { builder, steps } = builderOf()
  const service = serviceWith({ kind: 'image', reference: reference('none:2') })
  const [site] = platform.sites
  assert.ok(site)
  const results = await Promise.allSettled([
    builder.service(service),
    builder.sidecars(service),
    builder.migrations(),
    builder.site(site),
  ])
  for (const each of results)
    assert.match(String(each.status === 'rejected' && each.reason), /none:2 does not exist/)
  assert.deepEqual(steps, [])
})

test('a base is locked beside the configuration by the first build, and reported', async () => {
  const { builder, steps } = builderOf({ reference: reference('proxy:1') })
  const service = serviceWith({ kind: 'image', reference: reference('proxy:1') })
  const image = await builder.service(service)
  assert.equal(image.manifest.layers.length, 2)
  const lock = JSON.parse(await readFile(join(rootDir, 'baton.lock.json'), 'utf8'))
  assert.deepEqual(Object.keys(lock.images), [reference('proxy:1')])
  assert.ok(
    steps.some((each) => /^noted .*proxy:1: locked in baton\.lock\.json; commit the file$/.test(each)),
  )
})
