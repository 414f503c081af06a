import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { synth } from '../synth.ts'
import { containers, everything, plain } from '../synthesized.test-kit.ts'
import { checkRules, checkStacks, renderCheck } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-check-'))
after(() => rmSync(folder, { recursive: true }))

const synthesized = await synth(await plain(), { outDir: join(folder, 'plain') })
const result = await checkStacks(synthesized.stacks)

function written(name: string, json: object) {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'cdk.tf.json'), JSON.stringify(json))
  return checkStacks([{ name: 'platform', folder: join(folder, name) }])
}

describe('checkStacks', () => {
  test('finds no error in the platform of this repository, and knows all of its types', () => {
    const { findings, summary } = result
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    )
    assert.equal(summary.errors, 0)
    assert.ok(summary.resources > 150)
    assert.deepEqual(
      findings.filter(({ rule }) => rule === 'unknown-type' || rule === 'unread'),
      [],
    )
  })

  test('finds no error with several containers, a worker and jobs, and knows all of their types', async () => {
    const { stacks } = await synth(await containers(), { outDir: join(folder, 'containers') })
    const { findings } = await checkStacks(stacks)
    const notes = ['secret-in-state', 'topic-encryption', 'origin-read-timeout']
    assert.deepEqual(
      findings.filter(({ rule }) => !notes.includes(rule)),
      [],
    )
  })

  test('finds no error with everything switched on', async () => {
    const { stacks } = await synth(await everything({ smokeTest: false }), {
      outDir: join(folder, 'everything'),
    })
    const { findings } = await checkStacks(stacks)
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    )
  })

  test('finds no error without NAT gateways', async () => {
    const platform = await plain()
    const { stacks } = await synth(
      { ...platform, network: { ...platform.network, nat: 'none' } },
      { outDir: join(folder, 'no-nat') },
    )
    const { findings, reachability } = await checkStacks(stacks)
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    )
    // Public addresses, and yet only the load balancer reaches them.
    assert.ok(!reachability.some(({ from, to }) => from === 'world' && to.startsWith('service ')))
  })

  test('puts errors first and counts them', async () => {
    const { findings, summary } = await written('open', {
      resource: {
        aws_sns_topic: { notices: {} },
        aws_db_instance: { main: { publicly_accessible: true, storage_encrypted: true } },
        aws_elasticache_cluster: { sessions: {} },
      },
      module: { vendor: { source: './vendor' } },
    })
    assert.equal(findings[0]?.rule, 'database-public')
    assert.equal(findings[0]?.address, 'aws_db_instance.main')
    assert.match(findings[0]?.source ?? '', /^https:\/\/docs\.aws\.amazon\.com\//)
    assert.equal(summary.errors, findings.filter(({ severity }) => severity === 'error').length)
    const notes = findings.filter(({ severity }) => severity === 'note').map(({ address }) => address)
    assert.ok(notes.includes('aws_elasticache_cluster.sessions'))
    assert.ok(notes.includes('module.vendor'))
    assert.equal(findings.at(-1)?.severity, 'note')
  })

  test('reads an empty stack', async () => {
    const { findings, reachability } = await written('empty', {})
    assert.deepEqual([findings, reachability], [[], []])
  })
})

describe('the rules', () => {
  test('have names of their own, and a page of AWS unless they are about the check itself', () => {
    const names = checkRules.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name, source, demand } of checkRules) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/)
      assert.match(demand, /\.$/)
      if (name === 'unknown-type' || name === 'unread') continue
      assert.match(source ?? '', /^https:\/\/docs\.aws\.amazon\.com\//, name)
    }
  })
})

describe('renderCheck', () => {
  test('shows findings, who reaches what, and a line of summary', () => {
    const text = renderCheck(result)
    assert.match(text, /^ {2}CloudFront +→ load balancer main +443$/m)
    assert.doesNotMatch(text, /world +→ load balancer/)
    assert.match(text, /^ {2}load balancer main +→ services admin, user +8080$/m)
    assert.match(text, /^ {2}services admin, user +→ database main +5432$/m)
    assert.match(
      text.split('\n').at(-1) ?? '',
      /^0 errors, \d+ warnings?, \d+ notes?: \d+ resources checked by \d+ rules$/,
    )
  })

  test('reports once what several resources have in common', () => {
    const finding = {
      rule: 'one',
      severity: 'error' as const,
      stack: 'platform',
      reason: 'why',
      fix: 'Do it.',
    }
    const text = renderCheck({
      ...result,
      findings: [
        { ...finding, address: 'aws_lb.a' },
        { ...finding, address: 'aws_lb.b' },
      ],
    })
    assert.ok(
      text.startsWith('Errors\n  platform: aws_lb.a  one\n  platform: aws_lb.b\n    why\n    Fix: Do it.\n'),
    )
  })
})
