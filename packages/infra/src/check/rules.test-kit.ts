/** For tests: rules run on a few resources, each with a case that trips it and one that does not. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Finding, findings, type Rule } from './model/finding.ts'
import { createTerraform, type Terraform } from './model/terraform.ts'

/** Arguments by address: `{ 'aws_lb.main': {}, 'data.aws_ecr_repository.admin': { name: 'admin' } }`. */
export type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Case {
  readonly trips: Resources
  /** Address of the finding, where it is not that of the first resource. */
  readonly at?: string
  readonly says?: RegExp
  readonly passes: Resources
  /** More configurations that trip it. */
  readonly alsoTrips?: readonly Resources[]
}

/** One stack called `platform`, in Seoul. */
export function terraformOf(resources: Resources, more: Readonly<Record<string, unknown>> = {}): Terraform {
  const json: Record<string, Record<string, Record<string, unknown>>> = {}
  for (const [address, body] of Object.entries(resources)) {
    const parts = address.split('.')
    const [id = '', type = '', kind = 'resource'] = parts.reverse()
    json[kind] ??= {}
    json[kind][type] ??= {}
    json[kind][type][id] = body
  }
  return createTerraform([
    { name: 'platform', json: { provider: { aws: [{ region: 'ap-northeast-2' }] }, ...json, ...more } },
  ])
}

/** The cases of a table of rules, by rule. A rule without a case fails. */
export function testRules(rules: readonly Rule[], cases: Readonly<Record<string, Case>>): void {
  for (const rule of rules) {
    const found = (resources: Resources): Finding[] => findings(terraformOf(resources), [rule])
    describe(rule.name, () => {
      const one = cases[rule.name]
      if (one === undefined) {
        test('has a case', () => assert.fail(`there is no case for ${rule.name}`))
        return
      }
      test('trips', () => {
        const [first] = found(one.trips)
        assert.ok(first, 'nothing was found')
        assert.equal(first.address, one.at ?? Object.keys(one.trips)[0])
        assert.ok(first.reason !== '' && first.fix !== '')
        assert.match(first.reason, one.says ?? /./)
        for (const more of one.alsoTrips ?? []) assert.notDeepEqual(found(more), [], JSON.stringify(more))
      })
      test('lets pass', () => assert.deepEqual(found(one.passes), []))
    })
  }
  test('every case is one of a rule', () => {
    const names = rules.map(({ name }) => name)
    assert.deepEqual(
      Object.keys(cases).filter((name) => !names.includes(name)),
      [],
    )
  })
}

export const policy = (...statements: readonly object[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((each) => ({ Effect: 'Allow', ...each })),
  })

export const ref = (address: string, attribute = 'id'): string => `\${${address}.${attribute}}`
