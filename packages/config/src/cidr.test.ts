import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { contains, ipv4Block, overlaps, parseBlock, subBlock } from './cidr.ts'

const block = (text: string) => {
  const parsed = parseBlock(text)
  assert.ok(parsed, text)
  return parsed
}

describe('blocks of addresses', () => {
  test('contain what lies inside of them, within one family', () => {
    for (const [outer, inner, expected] of [
      ['10.0.0.0/16', '10.0.255.0/24', true],
      ['10.0.0.0/16', '10.1.0.0/24', false],
      ['10.0.1.0/24', '10.0.0.0/16', false],
      ['0.0.0.0/0', '203.0.113.7/32', true],
      ['::/0', '2001:db8::/32', true],
      ['2001:db8::/32', '2001:db8:1::/48', true],
      ['2001:db8::/32', '2001:db9::/48', false],
      ['::/0', '10.0.0.0/8', false],
    ] as const) {
      assert.equal(contains(block(outer), block(inner)), expected, `${outer} ${inner}`)
      assert.equal(overlaps(block(inner), block(outer)), expected || contains(block(inner), block(outer)))
    }
  })

  test('are cut from their start, whatever bits are below the prefix', () => {
    const network = ipv4Block('10.0.7.0/16')
    assert.equal(subBlock(network, 24, 0), '10.0.0.0/24')
    assert.equal(subBlock(network, 24, 255), '10.0.255.0/24')
    assert.equal(subBlock(ipv4Block('192.168.0.0/20'), 28, 17), '192.168.1.16/28')
  })

  test('are not made of anything else', () => {
    for (const text of [
      '',
      '10.0.0.0',
      '10.0.0/16',
      '10.0.0.0/33',
      '300.0.0.0/8',
      '0x0a.0.0.0/8',
      '${aws_vpc.main.cidr_block}',
      '::/129',
    ])
      assert.equal(parseBlock(text), undefined, text)
    assert.throws(() => ipv4Block('::/0'), /invariant/)
  })
})
