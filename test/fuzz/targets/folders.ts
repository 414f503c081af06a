/** Folders of Terraform's JSON syntax: blocks in wrong places, of wrong shapes, and files that are no JSON. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GeneratorValue } from 'fast-check'
import { openStore } from '../../../packages/emulator/src/store.ts'
import { createTerraform } from '../../../packages/emulator/src/terraform/index.ts'
import {
  block,
  computed,
  implemented,
  type ResourceType,
} from '../../../packages/emulator/src/terraform/type/resource-type.ts'
import { damaged, hostileJson, hostileText, oneOf, rarely } from '../hostile.ts'
import type { Target } from '../target.ts'
import { onlyItsOwnErrors } from './expressions.ts'

const thing: ResourceType = {
  type: 'aws_thing',
  attributes: {
    name: implemented({ forceNew: true }),
    size: implemented({ default: 1 }),
    members: implemented({ set: true }),
    rule: block({ port: implemented(), target: block({ arn: implemented() }) }),
    arn: computed(),
  },
  create: (planned) => ({ ...planned, id: String(planned.name), arn: `arn:${planned.name}` }),
  read: (prior) => prior,
  update: (planned, prior) => ({ ...prior, ...planned }),
  delete: () => undefined,
}

const blocks =
  'resource data locals variable output provider terraform module moved removed check import ephemeral //'.split(
    ' ',
  )
const attributes =
  'name size members rule count for_each depends_on lifecycle provider provisioner connection dynamic precondition sensitive type default value validation from to backend required_providers aws_thing a b'.split(
    ' ',
  )

function body(g: GeneratorValue, depth: number): unknown {
  if (depth === 0 || rarely(g, 4)) return value(g)
  if (rarely(g, 6)) return [body(g, depth - 1), body(g, depth - 1)]
  return Object.fromEntries(
    Array.from({ length: oneOf(g, [1, 2, 3]) }, () => [
      rarely(g, 8) ? hostileText(g) : oneOf(g, attributes),
      body(g, depth - 1),
    ]),
  )
}

const references = [
  '${aws_thing.a.name}',
  '${aws_thing.a[0].arn}',
  '${local.a}',
  '${var.a}',
  '${each.value}',
  '${count.index}',
  '${aws_thing.b}',
  'aws_thing.a',
  'aws_thing',
  '${self.id}',
  '${timestamp()}',
]
const value = (g: GeneratorValue) => (rarely(g, 2) ? oneOf(g, references) : hostileJson(g))

function documentOf(g: GeneratorValue): unknown {
  const resource = { aws_thing: { a: body(g, 2), b: body(g, 3) } }
  const more = Array.from({ length: oneOf(g, [0, 1, 2]) }, () => [oneOf(g, blocks), body(g, 4)] as const)
  return { ...(rarely(g, 3) ? {} : { resource }), ...Object.fromEntries(more) }
}

export const foldersTarget: Target = {
  name: 'folders',
  deadlineMs: 10_000,
  casesPerRound: 200,
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'baton-fuzz-folder-'))
    const store = openStore(':memory:')
    const types = { resources: [thing], dataSources: [], ephemerals: [] }
    const terraform = createTerraform({ store, accountId: '000000000000', region: 'us-east-1', types })
    let count = 0
    return {
      async attempt(g, watch) {
        const text = Buffer.from(JSON.stringify(documentOf(g)))
        const written = rarely(g, 6) ? damaged(g, text) : text
        watch.trying(written.toString())
        await writeFile(join(folder, 'cdk.tf.json'), written)
        const stack = `fuzz-${count++}`
        await onlyItsOwnErrors(() => terraform.apply(folder, { stack }))
        await onlyItsOwnErrors(() => terraform.destroy(stack))
      },
      async [Symbol.asyncDispose]() {
        store.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}
