import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { STSClient } from '@aws-sdk/client-sts'
import { type EmptyAccount, openEmptyAccount } from '@baton/release/empty-account'
import { describeRollOut, type RunRollOut } from '@baton/release/roll-out-suite'
import { UsageError } from '../usage-error.ts'
import { type AwsRollOutOptions, rollOutOnAws } from './roll-out.ts'
import { memoryTerminal, memoryTerraform } from './test-kit/terraform.test-kit.ts'

const nameServers = ['ns-1.example']

interface More extends Partial<AwsRollOutOptions> {
  readonly output?: Readonly<Record<string, unknown>>
}

/** `baton apply` on the account, with a Terraform in memory in place of a real one. */
async function apply(account: EmptyAccount, more: More = {}) {
  const { aws, platform, builder } = account
  const sts = new STSClient(aws.settings)
  try {
    return await rollOutOnAws({
      clients: { ...aws.clients, sts },
      platform,
      builder,
      version: 'v1',
      openStack: async (name) => {
        const terraform = memoryTerraform({
          state: new Set(),
          log: [],
          wanted: [`aws_vpc.${name}`],
          outputs: more.output ?? { name_servers: nameServers },
        })
        return {
          ...terraform,
          async apply() {
            account.apply(name)
            return terraform.apply()
          },
        }
      },
      confirm: async () => {},
      terminal: memoryTerminal(),
      allowReplace: [],
      waitsForDelegation: true,
      resolve: async () => nameServers,
      ...more,
    })
  } finally {
    sts.destroy()
  }
}

const run: RunRollOut = async (account, options = {}) => (await apply(account, options)).released

describeRollOut('AWS', run)

const onAws = (name: string, work: (account: EmptyAccount) => Promise<void>) =>
  test(name, async () => {
    await using account = await openEmptyAccount()
    await work(account)
  })

describe('what only a roll-out to AWS has', () => {
  onAws('the result names the account and the addresses', async (account) => {
    const done = await apply(account)
    assert.equal(done.account, '123456789012')
    assert.deepEqual(
      done.stacks.map(({ name, changed }) => [name, changed]),
      [
        ['bootstrap', true],
        ['platform', true],
      ],
    )
    assert.ok(done.urls.includes('https://app-admin.keencho.com'))
  })

  onAws('asks before the release, before the bucket, and names the account', async (account) => {
    const questions: string[] = []
    await apply(account, { confirm: async (question) => void questions.push(question) })
    assert.match(questions[0] ?? '', /First release, as v1: services admin, user; sites admin, user/)
    assert.match(questions[1] ?? '', /Account 123456789012 has no platform keencho-production yet/)
    assert.match(questions[2] ?? '', /Apply this to bootstrap/)
  })

  onAws('a no changes nothing', async (account) => {
    const confirm = async () => {
      throw new UsageError('Nothing more was changed.', 'Run it again.')
    }
    await assert.rejects(apply(account, { confirm }), /Nothing more was changed/)
    assert.deepEqual([account.log, [...account.aws.buckets.keys()]], [[], []])
  })

  onAws('creates the state bucket once', async (account) => {
    await apply(account)
    await apply(account)
    assert.equal(account.aws.inputsOf('CreateBucket').length, 1)
  })

  onAws('waits for the delegation of a zone that it created, before any image is pushed', async (account) => {
    let asked = 0
    const resolve = async () => {
      assert.deepEqual(account.log, ['bootstrap'])
      asked++
      return nameServers
    }
    await apply(account, { resolve })
    assert.equal(asked, 1)
  })

  onAws('a zone that exists already needs no delegation', async (account) => {
    const resolve = async () => assert.fail('no name server is asked')
    await apply(account, { resolve, platform: { ...account.platform, hostedZone: 'existing' } })
  })

  onAws('a bootstrap stack without name servers is refused with a fix', async (account) => {
    await assert.rejects(apply(account, { output: {} }), { name: 'UsageError', fix: /name_servers/ })
  })

  onAws('stops before the first task when a secret has no value, and names the command', async (account) => {
    account.aws.on({ DescribeSecret: () => ({ VersionIdsToStages: {} }) })
    const services = account.platform.services.map((service) =>
      service.name === 'admin'
        ? { ...service, containers: [{ ...service.containers[0], secrets: ['API_KEY'] }] as const }
        : service,
    )
    await assert.rejects(apply(account, { platform: { ...account.platform, services } }), {
      name: 'UsageError',
      fix: /baton secret set admin API_KEY/,
    })
    assert.equal(account.log.at(-1), 'platform')
  })
})
