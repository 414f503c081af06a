import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { PlatformInput } from '../platform-input.ts'
import type { InferredInput } from '../schema.ts'
import { configurationReference } from './main.ts'
import { command } from './markdown.ts'
import { type Described, type Option, platformOptions } from './options.ts'

/** Both ways, or this does not compile: what users write is what the schema takes. */
const sameType = (input: PlatformInput): InferredInput => input
const sameTypeBack = (input: InferredInput): PlatformInput => input

test('the reference and the commented type are what the schema says now', () => {
  assert.equal(sameType, sameType)
  assert.equal(sameTypeBack, sameTypeBack)
  for (const [file, text] of configurationReference()) {
    assert.ok(readFileSync(file, 'utf8') === text, `${file} is out of date; write it again: ${command}`)
  }
})

test('every option has a description, a sentence that ends', () => {
  const without = leaves('', platformOptions())
    .filter(({ option }) => !/\.$/.test(option.description))
    .map(({ path }) => path)
  assert.deepEqual(without, [])
})

test('what an option becomes names types of the platform’s own Terraform', () => {
  const golden = readFileSync(new URL('../../../infra/src/addresses.golden.txt', import.meta.url), 'utf8')
  const types = new Set([...golden.matchAll(/\baws_\w+/g)].map(([type]) => type))
  assert.ok(types.size > 50, 'the golden list has been read')
  const unknown = leaves('', platformOptions()).flatMap(({ path, option }) =>
    [...(option.becomes ?? '').matchAll(/\baws_\w+/g)]
      .filter(([type]) => !types.has(type))
      .map(([type]) => `${path}: ${type}`),
  )
  assert.deepEqual(unknown, [])
})

test('bounds, choices and defaults are read from the schema', () => {
  const all = new Map(leaves('', platformOptions()).map(({ path, option }) => [path, option]))
  const port = all.get('delivery.testPort')
  assert.deepEqual(port?.shape, {
    kind: 'value',
    type: 'number',
    allowed: 'A whole number from 1 to 65535.',
  })
  assert.equal(port?.default, '8443')
  assert.deepEqual(all.get('network.nat')?.shape, {
    kind: 'choice',
    values: ['gateway-per-zone', 'gateway', 'none'],
  })
  assert.equal(all.get('delivery.shift')?.default, "{ kind: 'canary', percent: 10, minutes: 5 }")
  assert.equal(all.get('domain')?.required, true)
})

interface Leaf {
  readonly path: string
  readonly option: Option
}

function leaves(above: string, options: readonly Option[]): Leaf[] {
  return options.flatMap((option) => {
    const path = `${above}${option.key}`
    return [{ path, option }, ...inside(path, option)]
  })
}

function inside(path: string, { shape }: Described): Leaf[] {
  if (shape.kind === 'object') return leaves(`${path}.`, shape.options)
  if (shape.kind === 'record') return inside(`${path}.<name>`, shape.value)
  return shape.kind === 'either' ? shape.shapes.flatMap((each) => inside(path, each)) : []
}
