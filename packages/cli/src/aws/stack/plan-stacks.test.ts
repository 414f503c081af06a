import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Action } from '@baton/terraform'
import { memoryTerraform } from '../test-kit/terraform.test-kit.ts'
import { describePlanned, planStacks } from './plan-stacks.ts'
import type { OpenStack } from './stacks.ts'

function account(options: { bootstrapped: boolean; actions?: (address: string) => Action | undefined }) {
  const opened: string[] = []
  const wanted = {
    bootstrap: ['aws_ecr_repository.admin'],
    platform: ['aws_vpc.main', 'aws_s3_bucket.sites'],
  }
  const openStack: OpenStack = async (name, { bucket, files = {} }) => {
    opened.push(`${name} ${bucket} ${Object.keys(files).join(',')}`.trim())
    return memoryTerraform({
      wanted: wanted[name],
      state: new Set(options.bootstrapped ? wanted[name] : []),
      log: [],
      ...(options.actions ? { actions: options.actions } : {}),
    })
  }
  const planned = planStacks({
    openStack,
    bucket: options.bootstrapped ? 'state-bucket' : undefined,
    allowReplace: [],
  })
  return { opened, planned }
}

describe('baton plan', () => {
  test('on an empty account plans the bootstrap stack without a bucket, and says why not the other', async () => {
    const { opened, planned } = account({ bootstrapped: false })
    const text = describePlanned(await planned)
    assert.deepEqual(opened, ['bootstrap undefined'])
    assert.match(
      text,
      /^bootstrap: 1 to create\n {2}\+ aws_ecr_repository\.admin\nplatform: cannot be planned yet/,
    )
  })

  test('plans both stacks where the first is there, and says that there is nothing to do', async () => {
    const { opened, planned } = account({ bootstrapped: true })
    assert.equal(describePlanned(await planned), 'bootstrap: nothing to do\nplatform: nothing to do')
    assert.deepEqual(opened, ['bootstrap state-bucket adopt.tf.json', 'platform state-bucket'])
  })

  test('says which changes an apply would refuse', async () => {
    const { planned } = account({
      bootstrapped: true,
      actions: (address) => (address === 'aws_s3_bucket.sites' ? 'replace' : undefined),
    })
    const text = describePlanned(await planned)
    assert.match(text, /platform: 1 to replace\n {2}± aws_s3_bucket\.sites/)
    assert.match(
      text,
      /An apply would stop.*\n.*lost: the bucket.*\n {2}Fix: .*--allow-replace aws_s3_bucket\.sites/,
    )
  })
})
