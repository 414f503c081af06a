import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UsageError } from '../../usage-error.ts'
import { memoryTerminal, memoryTerraform } from '../test-kit/terraform.test-kit.ts'
import { applyStack } from './apply-stack.ts'

const yes = async () => {}

describe('the apply of a stack', () => {
  const stack = (options: { wanted: string[]; state?: string[]; replaced?: string }) => {
    const log: string[] = []
    const terraform = memoryTerraform({
      wanted: options.wanted,
      state: new Set(options.state ?? []),
      log,
      actions: (address) => (address === options.replaced ? 'replace' : undefined),
    })
    return { terraform, log }
  }

  test('asks, and then applies what it has shown', async () => {
    const { terraform, log } = stack({ wanted: ['aws_vpc.main'] })
    const terminal = memoryTerminal()
    const questions: string[] = []
    const confirm = async (question: string) => void questions.push(question)
    const done = await applyStack('platform', terraform, { confirm, terminal, allowReplace: [] })
    assert.deepEqual(questions, ['Apply this to platform (1 to create)?'])
    assert.deepEqual(log, ['create aws_vpc.main'])
    assert.equal(done.changed, true)
    assert.ok(terminal.lines.includes('  + aws_vpc.main'))
  })

  test('says that there is nothing to do, and asks nothing', async () => {
    const { terraform } = stack({ wanted: ['aws_vpc.main'], state: ['aws_vpc.main'] })
    const terminal = memoryTerminal()
    const confirm = async (question: string) => assert.fail(question)
    assert.equal(
      (await applyStack('platform', terraform, { confirm, terminal, allowReplace: [] })).changed,
      false,
    )
    assert.ok(terminal.lines.includes('platform: nothing to do'))
  })

  test('stops at what would be lost, names it, and goes on when it is allowed by name', async () => {
    const address = 'aws_db_instance.main'
    const { terraform, log } = stack({ wanted: [address], state: [address], replaced: address })
    const terminal = memoryTerminal()
    await assert.rejects(
      applyStack('platform', terraform, { confirm: yes, terminal, allowReplace: [] }),
      (error: Error) => {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, /aws_db_instance\.main would be replaced; lost: the database/)
        assert.match(error.fix, /--allow-replace aws_db_instance\.main/)
        return true
      },
    )
    assert.deepEqual(log, [])
    await applyStack('platform', terraform, { confirm: yes, terminal, allowReplace: [address] })
    assert.deepEqual(log, [`replace ${address}`])
  })
})
