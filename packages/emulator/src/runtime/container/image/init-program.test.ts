import assert from 'node:assert/strict'
import { test } from 'node:test'
import { architectures, hostRoute, initProgram, ownBlock } from './init-program.ts'

const machines = { amd64: 62, arm64: 183 }

for (const architecture of architectures) {
  test(`the program for ${architecture} is an executable of some hundred bytes`, () => {
    const program = initProgram(architecture, [
      hostRoute('169.254.170.2'),
      ...ownBlock(0, '10.1.2.0', '255.255.254.0'),
    ])
    assert.equal(program.subarray(0, 4).toString('latin1'), '\x7fELF')
    assert.equal(program.readUInt16LE(18), machines[architecture])
    assert.ok(program.length < 1_000, `${program.length} bytes`)
    // What is loaded is the whole file.
    assert.equal(program.readBigUInt64LE(96), BigInt(program.length))
  })
}

test('each request points at its structure, and a route at the name of its device', () => {
  const base = 0x400000
  const program = initProgram('amd64', [hostRoute('169.254.170.2')])
  const at = program.indexOf('eth0\0')
  assert.ok(at > 0)
  const structure = at - 120
  assert.equal(program.readBigUInt64LE(structure + 88), BigInt(base + at))
  assert.deepEqual([...program.subarray(structure + 12, structure + 16)], [169, 254, 170, 2])
  // mov edx: the address of the structure, after mov esi: the request.
  const call = Buffer.alloc(10)
  call.set([0xbe], 0)
  call.writeUInt32LE(0x890b, 1)
  call.set([0xba], 5)
  call.writeUInt32LE(base + structure, 6)
  assert.ok(program.includes(call))
})
