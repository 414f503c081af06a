/** Terraform's loosely typed attributes, as the services read them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blocks, firstBlock, number, stringList, stringMap, text } from './values.ts'

test('what is not set reads as nothing, and never as the text "null"', () => {
  for (const absent of [undefined, null, '']) {
    assert.deepEqual([text(absent), number(absent), firstBlock(absent)], [undefined, undefined, undefined])
    assert.deepEqual([blocks(absent), stringList(absent), stringMap(absent)], [[], [], {}])
  }
  assert.deepEqual(stringMap({ owner: null, cost: 7, live: true }), { owner: '', cost: '7', live: 'true' })
  assert.deepEqual(stringList(['a', null, 1]), ['a', '1'])
  assert.deepEqual(blocks([null, { port: 80 }, 'x']), [{ port: 80 }])
})

test('a number or a bool may stand there as its text, and the other way round', () => {
  assert.deepEqual([number('80'), number(80), number(0), text(0), text(false)], [80, 80, 0, '0', 'false'])
})
