/**
 * `npm run test:provider`: applies each folder of examples/terraform twice, by the emulator's own engine and by Terraform or
 * OpenTofu with HashiCorp's provider, and holds what the APIs say of both against each other. Then the provider's second
 * plan must be empty, a change in place and a replacement must settle, and a destroy must leave nothing.
 *
 * A folder in HCL is applied by the provider alone: the emulator's engine reads Terraform's JSON syntax.
 *
 * Where no provider is, it says so and ends well: it is a test for machines that have one.
 */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmulator } from '../../packages/emulator/src/client/index.ts'
import { findProvider, type Provider, terraformIn } from './provider.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'

const examples = join(import.meta.dirname, '../../examples/terraform')
const region = 'ap-northeast-2'

interface Step {
  readonly name: string
  run(): Promise<void>
}

/** An emulator over a directory of its own, and a copy of the example. */
async function place(example: string) {
  const directory = mkdtempSync(join(tmpdir(), 'baton-provider-'))
  const folder = join(directory, 'terraform')
  cpSync(join(examples, example), folder, { recursive: true })
  const emulator = await startEmulator({ stateDir: join(directory, 'state'), awsRegion: region, speed: 20 })
  return {
    folder,
    emulator,
    /** Gives a variable a value. */
    set(variable: string, value: number) {
      writeFileSync(join(folder, `${variable}.auto.tfvars.json`), JSON.stringify({ [variable]: value }))
    },
    async end() {
      await emulator.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function stepsOf(example: string, provider: Provider): { steps: Step[]; end(): Promise<void> } {
  const ends: (() => Promise<void>)[] = []
  const own: { applied?: Snapshot } = {}
  let theirs: Awaited<ReturnType<typeof place>>
  let terraform: ReturnType<typeof terraformIn>
  const snapshot = () => snapshotOf(theirs.emulator.clientSettings())
  const both = existsSync(join(examples, example, 'cdk.tf.json'))
  const comparison: Step[] = [
    {
      name: 'the emulator’s engine applies it, and destroys it with nothing left',
      async run() {
        const ours = await place(example)
        ends.push(ours.end)
        await ours.emulator.apply(ours.folder, { stack: example })
        own.applied = await snapshotOf(ours.emulator.clientSettings())
        await ours.emulator.destroy(example)
        assertEmpty(await snapshotOf(ours.emulator.clientSettings()))
      },
    },
  ]
  const steps: Step[] = [
    ...(both ? comparison : []),
    {
      name: both ? 'the provider makes the same of it' : 'the provider applies it',
      async run() {
        theirs = await place(example)
        ends.push(theirs.end)
        terraform = terraformIn(theirs.folder, provider, theirs.emulator.environment())
        await terraform.apply()
        if (both) assert.deepEqual(await snapshot(), own.applied)
      },
    },
    { name: 'its second plan is empty', run: async () => assert.equal(await terraform.plan(), '') },
    {
      name: 'a change in place settles',
      async run() {
        theirs.set('retention', 14)
        assert.match(await terraform.plan(), /^Plan: 0 to add, [1-9]\d* to change, 0 to destroy/)
        await terraform.apply()
        assert.equal(await terraform.plan(), '')
      },
    },
    {
      name: 'a replacement settles',
      async run() {
        theirs.set('third_octet', 20)
        assert.match(await terraform.plan(), /^Plan: [1-9]\d* to add, \d+ to change, [1-9]\d* to destroy/)
        await terraform.apply()
        assert.equal(await terraform.plan(), '')
      },
    },
    {
      name: 'a destroy leaves nothing',
      async run() {
        await terraform.destroy()
        assertEmpty(await snapshot())
      },
    },
  ]
  return {
    steps,
    async end() {
      for (const end of ends) await end()
    },
  }
}

function assertEmpty(snapshot: Snapshot): void {
  assert.deepEqual(
    Object.entries(snapshot).filter(([, list]) => list.length > 0),
    [],
  )
}

const provider = await findProvider()
if (typeof provider === 'string') {
  console.log(`SKIPPED: nothing was compared with HashiCorp's provider: ${provider}.`)
  process.exit(0)
}
console.log(`${provider.program} with the provider in ${provider.folder}`)
let passed = 0
let failed = 0
for (const example of readdirSync(examples, { withFileTypes: true }).filter((each) => each.isDirectory())) {
  const { steps, end } = stepsOf(example.name, provider)
  try {
    for (const { name, run } of steps) {
      const started = performance.now()
      await run()
      passed += 1
      console.log(`✔ ${example.name}: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    }
  } catch (error) {
    failed += 1
    console.error(`✖ ${example.name}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    await end()
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
