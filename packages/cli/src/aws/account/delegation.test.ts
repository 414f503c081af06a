import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryTerminal } from '../test-kit/terraform.test-kit.ts'
import { isDelegated, waitForDelegation } from './delegation.ts'

const servers = ['ns-1.awsdns-01.org', 'ns-2.awsdns-02.com']

describe('delegation', () => {
  const cases: [name: string, answered: string[], expected: boolean][] = [
    ['answers all of them, in any spelling', ['NS-2.awsdns-02.com.', 'ns-1.awsdns-01.org'], true],
    ['answers others', ['ns1.registrar.example'], false],
    ['answers some of them only', ['ns-1.awsdns-01.org'], false],
    ['answers nothing', [], false],
  ]
  for (const [name, answered, expected] of cases) {
    test(`public DNS ${name}: ${expected ? 'delegated' : 'not delegated'}`, async () => {
      assert.equal(await isDelegated('keencho.com', servers, async () => answered), expected)
    })
  }

  test('says which name servers to set where, and waits until they are answered', async () => {
    const terminal = memoryTerminal()
    let asked = 0
    const resolve = async () => (++asked < 4 ? [] : servers)
    await waitForDelegation('keencho.com', servers, { resolve, terminal, intervalMs: 1 })
    assert.equal(asked, 4)
    assert.match(terminal.lines[0] ?? '', /registrar of keencho\.com/)
    assert.ok(terminal.lines.includes('    ns-1.awsdns-01.org'))
    assert.equal(terminal.lines.at(-1), 'keencho.com is delegated.')
  })

  test('says nothing where it is done already', async () => {
    const terminal = memoryTerminal()
    await waitForDelegation('keencho.com', servers, { resolve: async () => servers, terminal, intervalMs: 1 })
    assert.deepEqual(terminal.lines, [])
  })

  test('ends with the signal, however long it would wait', async () => {
    const terminal = memoryTerminal()
    const signal = AbortSignal.timeout(20)
    const waiting = waitForDelegation('keencho.com', servers, {
      resolve: async () => [],
      terminal,
      intervalMs: 60_000,
      signal,
    })
    await assert.rejects(waiting, { name: 'AbortError' })
  })
})
