/**
 * What these commands ask of AWS, asked of a region over real sockets: the state bucket, secrets, and, where this
 * machine has a real Terraform, a state that is kept, locked and found again in that bucket.
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { bucketName, loadPlatform, type Platform, serviceSecretName } from '@baton/config'
import { type Region, startRegion } from '@baton/region/client'
import { describePlan, findTerraform, openTerraform } from '@baton/terraform'
import { identify } from './account.ts'
import { type AwsClients, awsClients } from './clients.ts'
import { missingSecrets, requireSecret, setSecret } from './secrets.ts'
import { adoptStateBucket } from './stacks.ts'
import { unreleased } from './standing.ts'
import { stateBucket } from './state-bucket.ts'
import { awsTearDown } from './tear-down-steps.ts'

const binary = await findTerraform().catch(() => undefined)
const skip = binary === undefined ? 'SKIPPED: no terraform or tofu of 1.11 or later on this machine' : false
if (skip) console.warn(`\n*** ${skip} ***\n`)

describe('on a region', () => {
  let region: Region
  let platform: Platform
  let clients: AwsClients
  const dir = mkdtempSync(join(tmpdir(), 'baton-aws-'))
  const before_ = { ...process.env }

  before(async () => {
    const loaded = await loadPlatform(join(import.meta.dirname, '../../../../baton.config.ts'))
    platform = {
      ...loaded,
      services: loaded.services.map((service) =>
        service.name === 'admin' ? { ...service, secrets: ['API_KEY'] } : service,
      ),
    }
    region = await startRegion({ stateDir: join(dir, 'region'), awsRegion: platform.region })
    Object.assign(process.env, region.environment())
    clients = awsClients(platform)
  })
  after(async () => {
    clients.close()
    await region.stop()
    process.env = before_
    rmSync(dir, { recursive: true })
  })

  test('an empty account has nothing released, no bucket and no deployments', async () => {
    assert.equal((await identify(clients)).id, '000000000000')
    assert.deepEqual(await unreleased(clients, platform), {
      services: ['admin', 'user'],
      sites: ['admin', 'user'],
    })
    assert.equal(await stateBucket(clients, platform).exists(), false)
    const openStack = () => Promise.reject(new Error('not opened'))
    const steps = awsTearDown({ clients, platform, openStack, finalSnapshot: 'x' })
    assert.deepEqual(await steps.deploymentsUnderWay(), [])
    assert.equal(await steps.removeRevisions(), 0)
  })

  test('the state bucket is made once, and removed with all that is in it', async () => {
    const bucket = stateBucket(clients, platform)
    await bucket.create()
    await bucket.create()
    assert.equal(await bucket.exists(), true)
    await bucket.remove()
    await bucket.remove()
    assert.equal(await bucket.exists(), false)
  })

  test('a secret is missing until it is set, and can be set again', async () => {
    const reference = { service: 'admin', name: 'API_KEY' }
    await assert.rejects(
      setSecret(clients, platform, reference, 'x'),
      /no secret keencho-production\/admin\/API_KEY/,
    )
    const Name = serviceSecretName(platform, 'admin', 'API_KEY')
    await clients.secrets.send(new CreateSecretCommand({ Name }))
    assert.deepEqual(await missingSecrets(clients, platform, ['admin', 'user']), [reference])
    await setSecret(clients, platform, reference, 'first')
    assert.deepEqual(await missingSecrets(clients, platform, ['admin', 'user']), [])
    await setSecret(clients, platform, reference, 'second')
    const { SecretString } = await clients.secrets.send(new GetSecretValueCommand({ SecretId: Name }))
    assert.equal(SecretString, 'second')
  })

  test('a secret that no service names is refused by name', () => {
    assert.throws(() => requireSecret(platform, { service: 'nobody', name: 'X' }), /no service "nobody"/)
    assert.throws(() => requireSecret(platform, { service: 'admin', name: 'X' }), /no secret "X"/)
    requireSecret(platform, { service: 'admin', name: 'API_KEY' })
  })

  test('a real Terraform keeps its state in the bucket, and any folder finds it there', {
    skip,
  }, async () => {
    if (binary === undefined) return
    const bucket = stateBucket(clients, platform)
    await bucket.create()
    const open = async (name: string, input: string) => {
      const folder = join(dir, name)
      mkdirSync(folder, { recursive: true })
      const s3 = {
        bucket: bucketName(platform, 'state'),
        key: 'bootstrap.tfstate',
        region: platform.region,
        encrypt: true,
        use_lockfile: true,
      }
      const stack = { terraform: { backend: { s3 } }, resource: { terraform_data: { kept: { input } } } }
      writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(stack))
      const terraform = openTerraform(binary, { folder })
      await terraform.init({ backendConfig: { use_path_style: 'true' } })
      return terraform
    }
    const first = await open('one', 'x')
    assert.deepEqual(await first.addresses(), [])
    await first.plan()
    await first.apply()
    const second = await open('two', 'x')
    assert.equal(describePlan(await second.plan()), 'nothing to do')
    assert.deepEqual(await second.addresses(), ['terraform_data.kept'])
    assert.deepEqual(adoptStateBucket(platform)['adopt.tf.json'].import, [
      { to: 'aws_s3_bucket.state', id: bucket.name },
    ])
    await bucket.remove()
    assert.equal(await bucket.exists(), false)
  })
})
