/**
 * What a change of each attribute does, for every resource type: the plan is asked, and has to say what
 * `replacement.golden.txt` says. The facts of that list are those of the AWS provider (version 6): `ForceNew` and
 * `RequiresReplace` in its schemas, and its `CustomizeDiff`.
 * https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testContext } from '../protocol/test-kit/context.test-kit.ts'
import { createServices } from '../services.ts'
import { openStore } from '../store.ts'
import { createTerraform } from './index.ts'
import { openState } from './state/state.ts'
import type { AttributeSpec, AttributeSpecs, Attributes, ResourceType, Value } from './type/resource-type.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-replacement-'))
const context = testContext({ stateDir: folder })
const store = openStore(':memory:')
after(() => {
  context.store.close()
  store.close()
  rmSync(folder, { recursive: true })
})
const { types } = createServices(context, { dnsPort: 0, apiUrl: () => '' })
const terraform = createTerraform({ store, accountId: '000000000000', region: 'ap-northeast-2', types })

/** Paths of all that the configuration can set, blocks by what is in them. */
const paths = (specs: AttributeSpecs, prefix = ''): string[] =>
  Object.entries(specs).flatMap(([name, spec]) => {
    if (spec.kind === 'computed' || spec.writeOnly) return []
    return spec.block ? paths(spec.block, `${prefix}${name}.`) : [prefix + name]
  })

/** Some value for each attribute; another one at the path. */
function sample(specs: AttributeSpecs, changed = ''): Attributes {
  const entries = Object.entries(specs).filter(([, spec]) => spec.kind !== 'computed' && !spec.writeOnly)
  return Object.fromEntries(entries.map(([name, spec]) => [name, sampleValue(name, spec, changed)]))
}

function sampleValue(name: string, spec: AttributeSpec, changed: string): Value {
  if (spec.block)
    return [sample(spec.block, changed.startsWith(`${name}.`) ? changed.slice(name.length + 1) : '')]
  const text = name === changed ? 'after' : 'before'
  if (name === 'tags') return { name: text }
  return spec.set ? [text] : text
}

/** Address of the instance in which the attribute at the path changes. */
const addressOf = (type: string, path: string) => `${type}.${path.replaceAll('.', '__')}`

async function planned(all: readonly ResourceType[]): Promise<Map<string, string>> {
  const state = openState(store, 'test')
  const resource: Record<string, Record<string, Attributes>> = {}
  for (const { type, attributes } of all) {
    resource[type] = {}
    const before = sample(attributes)
    for (const path of paths(attributes)) {
      const address = addressOf(type, path)
      resource[type][path.replaceAll('.', '__')] = sample(attributes, path)
      state.instances.put(address, {
        address,
        resource: address,
        type,
        key: null,
        region: 'ap-northeast-2',
        attributes: {
          ...before,
          region: 'ap-northeast-2',
          ...(attributes.tags_all && before.tags ? { tags_all: before.tags } : {}),
        },
        dependencies: [],
        createBeforeDestroy: false,
        preventDestroy: false,
        inert: false,
        deposed: [],
      })
    }
  }
  writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ resource }))
  const { changes } = await terraform.plan(folder, { stack: 'test', refresh: false })
  return new Map(changes.map(({ address, action }) => [address, action]))
}

test('each attribute of each type is replaced or changed in place as the AWS provider has it', async () => {
  const resources = types.resources.toSorted((a, b) => (a.type < b.type ? -1 : 1))
  const actions = await planned(resources)
  const lines = resources.flatMap(({ type, attributes }) => {
    const by = (action: string) =>
      paths(attributes)
        .filter((path) => actions.get(addressOf(type, path)) === action)
        .toSorted()
    const unchanged = paths(attributes).filter((path) => !actions.has(addressOf(type, path)))
    assert.deepEqual(unchanged, [], `${type}: the plan does not see the change`)
    return [type, `  replaced: ${by('replace').join(' ')}`, `  in place: ${by('update').join(' ')}`].map(
      (line) => line.trimEnd(),
    )
  })
  const golden = new URL('replacement.golden.txt', import.meta.url)
  const text = `${lines.join('\n')}\n`
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text)
  assert.equal(text, readFileSync(golden, 'utf8'), 'UPDATE_GOLDEN=1 writes the list again')
})
