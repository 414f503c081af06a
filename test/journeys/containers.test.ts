/**
 * A rehearsal whose tasks are containers: the sample's services stand on a base with Node.js, in a registry of the test,
 * and run over Podman's API with their limits, behind the load balancer and before the database of the emulator.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  engineMissing,
  type TestEngine,
  testEngine,
} from '../../packages/emulator/src/runtime/test-kit/engine.test-kit.ts'
import type { Image } from '../../packages/image/src/index.ts'
import { startTestRegistry, type TestRegistry } from '../../packages/image/src/registry/registry.test-kit.ts'
import { nodeImage } from '../../packages/image/src/test-kit/bases.test-kit.ts'
import type { Report } from '../../packages/rehearsal/src/index.ts'
import { openWorkspace, repository } from './workspace.ts'

const workspace = openWorkspace()
after(() => workspace.close())

/** Without an upload, which the registry of tests takes in one piece only. */
async function put(image: Image, registry: TestRegistry): Promise<void> {
  for (const [digest, file] of Object.entries(image.blobs)) registry.blobs.set(digest, readFileSync(file))
  const body = registry.blobs.get(image.digest)
  assert.ok(body)
  for (const name of ['24', image.digest])
    registry.manifests.set(name, { type: image.manifest.mediaType, body })
}

describe('a rehearsal on containers', { skip: engineMissing }, () => {
  let engine: TestEngine
  let registry: TestRegistry

  before(
    async () => {
      engine = await testEngine()
      registry = await startTestRegistry()
      await put(await nodeImage(), registry)
    },
    { timeout: 120_000 },
  )
  after(async () => {
    await registry?.[Symbol.asyncDispose]()
    await engine?.[Symbol.asyncDispose]()
  })

  test('passes, and does not name as missing what containers have', { timeout: 600_000 }, async () => {
    const file = join(workspace.root, 'report.json')
    const base = `${new URL(registry.endpoint).host}/library/node:24`
    const ended = await workspace.run(
      '--config',
      workspace.configure(),
      'rehearse',
      '--traffic',
      join(repository, 'examples/accounts/baton.rehearsal.ts'),
      '--runtime',
      'container',
      '--rate',
      '30',
      '--base-image',
      base,
      '--report',
      file,
    )
    assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr.slice(-3_000)}`)
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report
    assert.equal(report.verdict, 'pass')
    assert.ok(!report.notRehearsed.some((gap) => /processes of this machine|CPU and memory limits/.test(gap)))
    const left = await engine.engine.client.call<unknown[]>('GET', '/containers/json', {
      query: { all: true, filters: '{"label":["dev.baton.emulator"]}' },
    })
    assert.deepEqual(left, [])
    await workspace.nothingLeft()
  })
})
