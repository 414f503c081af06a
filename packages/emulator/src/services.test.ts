/**
 * The anatomy of a service: the same file by the same name in every folder below `services/`, so that a reader who
 * knows one service finds the way in all others.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { testContext } from './protocol/test-kit/context.test-kit.ts'
import { createServices } from './services.ts'

const root = join(import.meta.dirname, 'services')
const folders = readdirSync(root).filter((name) => existsSync(join(root, name, 'index.ts')))
/** Folders that several services use, and no service. */
const shared = ['traffic-shift']

/** Where a service has no such file or no such export, with the reason. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cloudfront: {
    'behaviours.ts': 'its differences from AWS are still in the header of index.ts',
    'resources.ts': 'each type has its own file in resources/',
  },
  cloudwatch: { 'state.ts': 'metrics are in memory (metric/store.ts), alarms in alarm/alarms.ts' },
  ecr: {
    'behaviours.ts': 'its differences from AWS are still in the header of index.ts',
    'operations.ts': 'one file for repositories, one for images',
  },
  events: { 'operations.ts': 'one file for event buses, one for rules' },
  kms: { 'contract.ts': 'offers other services nothing' },
  rds: { 'contract.ts': 'offers other services nothing' },
  s3: {
    'behaviours.ts': 'its differences from AWS are still in the header of index.ts',
    'operations.ts': 'one file for buckets, one for objects, one for uploads in parts',
    'resources.ts': 'one function for each type',
  },
  sts: { 'resources.ts': 'Terraform describes nothing of it' },
}

/** What a file must export, by its name. A large service has it in `model/`. */
const anatomy: Readonly<Record<string, RegExp>> = {
  'contract.ts': /^export /m,
  'behaviours.ts': /^export const behaviours: Behaviours = /m,
  'state.ts': /^export (function|const) createState\b/m,
  'resources.ts': /\bcreateResourceTypes\b/m,
  'operations.ts': /^export (function|const) createOperations\b/m,
  'errors.ts': /^export const /m,
}
/** Files that only a service with an API has. */
const ofAnApi = ['operations.ts', 'errors.ts']

const services = new Map(
  createServices(testContext(), { dnsPort: 0, apiUrl: () => 'http://127.0.0.1:1/' }).all.map((service) => [
    service.name,
    service,
  ]),
)

for (const folder of folders) {
  describe(`services/${folder}`, () => {
    const source = (name: string) => {
      const path = [name, join('model', name)].map((each) => join(root, folder, each)).find(existsSync)
      return path === undefined ? undefined : readFileSync(path, 'utf8')
    }
    const index = source('index.ts') ?? ''

    test('exports one factory, which takes the context first', () => {
      const factories = [...index.matchAll(/^export (?:async )?function (\w+)\(\s*(\w+)/gm)]
      assert.equal(factories.length, 1)
      assert.match(factories[0]?.[1] ?? '', /^create[A-Z]\w+$/)
      assert.equal(factories[0]?.[2], 'context')
    })

    const name = /^ {4}name: '([a-z0-9-]+)'/m.exec(index)?.[1] ?? ''
    const hasApi = services.get(name)?.api !== undefined

    for (const [file, exported] of Object.entries(anatomy)) {
      if (ofAnApi.includes(file) && !hasApi && exceptions[folder]?.[file] === undefined) continue
      test(`has ${file}, or says why not`, () => {
        const found = source(file)
        const reason = exceptions[folder]?.[file]
        if (reason !== undefined) {
          assert.ok(
            found === undefined || !exported.test(found),
            `${file} is as in other services: remove its exception`,
          )
          return
        }
        assert.ok(found !== undefined, `${file} is missing`)
        assert.match(found, exported)
      })
    }

    test('lists its behaviours only where coverage reads them', () => {
      assert.ok(services.has(name), `index.ts names a service that services.ts starts, not "${name}"`)
      if (exceptions[folder]?.['behaviours.ts'] !== undefined) return
      assert.ok(services.get(name)?.behaviours !== undefined, 'behaviours.ts is not given to the service')
      assert.doesNotMatch(/^\/\*\*[\s\S]*?\*\//.exec(index)?.[0] ?? '', /\b(Gaps?|By design)\b/)
    })
  })
}

test('every folder is a service or shared by services', () => {
  const others = readdirSync(root).filter((name) => !folders.includes(name))
  assert.deepEqual(others, shared)
})

test('what services share knows none of the deployment controllers', () => {
  for (const file of readdirSync(join(root, 'traffic-shift'))) {
    const text = readFileSync(join(root, 'traffic-shift', file), 'utf8')
    assert.doesNotMatch(text, /from '[^']*\/(codedeploy|ecs)\//, file)
  }
})
