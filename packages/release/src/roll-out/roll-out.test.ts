import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scaledClock } from '../clock.ts'
import { openEmptyAccount } from '../test-kit/empty-account.test-kit.ts'
import { describeRollOut } from '../test-kit/roll-out-suite.test-kit.ts'
import { emulatorDestination } from './emulator-destination.ts'
import { rollOut } from './roll-out.ts'

const noTime = scaledClock(10_000)

describeRollOut('an emulator', async (account, { builder = account.builder, signal } = {}) => {
  const { platform, aws } = account
  const destination = emulatorDestination({
    clients: aws.clients,
    platform,
    secrets: {},
    apply: async (stack) => account.apply(stack),
    retry: 'Read the log, then start it again.',
  })
  const plan = { platform, version: 'v1', builder, destination, ...(signal ? { signal } : {}) }
  const { services, sites, jobs } = await rollOut(aws.clients, plan, noTime)
  const names = (releases: readonly { readonly target: string }[]) => releases.map(({ target }) => target)
  return { services: names(services), sites: names(sites), jobs: names(jobs) }
})

test('an emulator without the value of a secret refuses before anything is built', async () => {
  await using account = await openEmptyAccount()
  const { aws, builder } = account
  const services = account.platform.services.map((service) => ({
    ...service,
    containers: [{ ...service.containers[0], secrets: ['API_KEY'] }] as const,
  }))
  const platform = { ...account.platform, services }
  const secrets = { admin: { API_KEY: 'x' } }
  const apply = async () => assert.fail('nothing is applied')
  const destination = emulatorDestination({ clients: aws.clients, platform, secrets, apply, retry: '' })
  await assert.rejects(rollOut(aws.clients, { platform, version: 'v1', builder, destination }, noTime), {
    code: 'secret-missing',
    message: /: user\.API_KEY\.$/,
  })
})
