/**
 * What the engine's tests work with: a folder that they write, resource types that keep a ledger of what was asked of
 * them, and things that can be changed behind Terraform's back.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openStore, type Store } from '../../store.ts'
import { createTerraform, type Terraform } from '../index.ts'
import type { Attributes, DataSourceType, EphemeralType, ResourceType } from '../type/resource-type.ts'
import { block, computed, ignored, implemented } from '../type/resource-type.ts'

export interface Fixture {
  readonly folder: string
  readonly store: Store
  readonly terraform: Terraform
  /** `create aws_thing.a`, `delete aws_thing.b`, in order. */
  readonly ledger: string[]
  /** What is really there, by id. */
  readonly things: Map<string, Attributes>
  /** Addresses whose next creation fails. */
  readonly failing: Set<string>
  /** What the last creation or update was given. */
  readonly given: Map<string, Attributes>
  write(document: Record<string, unknown>): void
  apply(options?: Record<string, unknown>): ReturnType<Terraform['apply']>
  plan(options?: Record<string, unknown>): ReturnType<Terraform['plan']>
  /** A second engine over the same store and things, as after a restart. */
  reopen(): Terraform
}

export function createFixture(t: TestContext): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'baton-terraform-'))
  const store = openStore(':memory:')
  t.after(() => {
    store.close()
    rmSync(folder, { recursive: true })
  })
  const ledger: string[] = []
  const things = new Map<string, Attributes>()
  const failing = new Set<string>()
  const given = new Map<string, Attributes>()
  const types = {
    resources: [thingType({ ledger, things, failing, given })],
    dataSources: [lookupType(ledger)],
    ephemerals: [passwordType(ledger)],
  }
  const reopen = () => createTerraform({ store, accountId: '000000000000', region: 'ap-northeast-2', types })
  const terraform = reopen()
  return {
    folder,
    store,
    terraform,
    ledger,
    things,
    failing,
    given,
    write: (document) => writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(document)),
    apply: (options) => terraform.apply(folder, { stack: 'test', ...options }),
    plan: (options) => terraform.plan(folder, { stack: 'test', ...options }),
    reopen,
  }
}

/** `aws_thing`: changes `size` in place, is replaced for another `name`, keeps no `secret_wo`. */
function thingType({
  ledger,
  things,
  failing,
  given,
}: Pick<Fixture, 'ledger' | 'things' | 'failing' | 'given'>): ResourceType {
  let count = 0
  return {
    type: 'aws_thing',
    attributes: {
      name: implemented({ forceNew: true }),
      size: implemented({ default: 1 }),
      needs: implemented(),
      members: implemented({ set: true }),
      note: ignored('for people'),
      secret_wo: implemented({ writeOnly: true }),
      secret_wo_version: implemented(),
      endpoint: implemented({ computed: true }),
      tags: implemented(),
      rule: block({
        port: implemented(),
        target: block({ arn: implemented(), weight: implemented({ default: 1 }) }),
        rule_id: computed(),
      }),
      peer: block({ port: implemented(), label: implemented({ default: '' }) }, { set: true }),
      arn: computed(),
    },
    async create(planned, context) {
      if (failing.delete(context.address)) throw new Error('ThingRefused: try again.')
      const id = `thing-${++count}`
      await new Promise((resolve) => setImmediate(resolve))
      ledger.push(`create ${context.address}`)
      given.set(context.address, planned)
      const attributes = complete(planned, id)
      things.set(id, attributes)
      return attributes
    },
    read: (prior) => things.get(String(prior.id)),
    import: (id) => things.get(id),
    update(planned, prior, context) {
      ledger.push(`update ${context.address}`)
      given.set(context.address, planned)
      const attributes = complete({ ...prior, ...planned }, String(prior.id))
      things.set(String(prior.id), attributes)
      return attributes
    },
    delete(prior, context) {
      ledger.push(`delete ${context.address}`)
      things.delete(String(prior.id))
    },
  }
}

function complete(planned: Attributes, id: string): Attributes {
  const rules = Array.isArray(planned.rule) ? (planned.rule as Attributes[]) : []
  return {
    ...planned,
    id,
    arn: `arn:aws:thing:::${id}`,
    endpoint: planned.endpoint ?? `${id}.example`,
    rule: rules.map((rule, index) => ({ ...rule, rule_id: `${id}-rule-${index}` })),
  }
}

const lookupType = (ledger: string[]): DataSourceType => ({
  type: 'aws_lookup',
  attributes: { key: implemented(), value: computed() },
  read({ key }, { address }) {
    if (key === 'missing') throw new Error('NoSuchKey: there is no such key.')
    ledger.push(`read ${address}`)
    return { id: String(key), value: `value of ${key}` }
  },
})

const passwordType = (ledger: string[]): EphemeralType => ({
  type: 'aws_password',
  attributes: { length: implemented(), text: computed() },
  open(config, { address }) {
    ledger.push(`open ${address}`)
    return { text: 'p'.repeat(Number(config.length)) }
  },
})
