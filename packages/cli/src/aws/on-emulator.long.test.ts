/**
 * What these commands ask of AWS, asked of an emulator over real sockets: the state bucket, secrets, and, where this
 * machine has a real Terraform, a state that is kept, locked and found again in that bucket.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import { bucketName, loadPlatform, type Platform, type Service, serviceSecretName } from '@baton/config'
import { type Emulator, startEmulator } from '@baton/emulator/client'
import { unreleasedTargets } from '@baton/release'
import { describePlan, findTerraform, openTerraform } from '@baton/terraform'
import { installFake } from '@baton/terraform/fake'
import { adoptSecrets } from '../stack/deleted-secrets.ts'
import { identify } from './account/account.ts'
import { type AwsClients, awsClients } from './account/clients.ts'
import { missingSecrets, requireSecret, setSecret } from './stack/secrets.ts'
import { stateBucket } from './stack/state-bucket.ts'
import { awsTearDown } from './step/tear-down-steps.ts'

const binary = await findTerraform().catch(() => undefined)
const skip = binary === undefined ? 'SKIPPED: no terraform or tofu of 1.11 or later on this machine' : false
if (skip) console.warn(`\n*** ${skip} ***\n`)

describe('on an emulator', () => {
  let emulator: Emulator
  let platform: Platform
  let clients: AwsClients
  const dir = mkdtempSync(join(tmpdir(), 'baton-aws-'))
  const before_ = { ...process.env }

  before(async () => {
    const loaded = await loadPlatform(
      join(import.meta.dirname, '../../../../examples/accounts/baton.config.ts'),
    )
    platform = {
      ...loaded,
      services: loaded.services.map(
        (service): Service =>
          service.name === 'admin'
            ? { ...service, containers: [{ ...service.containers[0], secrets: ['API_KEY'] }] }
            : service,
      ),
    }
    emulator = await startEmulator({ stateDir: join(dir, 'emulator'), awsRegion: platform.region })
    Object.assign(process.env, emulator.environment())
    clients = awsClients(platform)
  })
  after(async () => {
    clients.close()
    await emulator.stop()
    process.env = before_
    rmSync(dir, { recursive: true })
  })

  const bucketOf = () => stateBucket(clients, platform, '000000000000')

  test('an empty account has nothing released, no bucket and no deployments', async () => {
    assert.equal((await identify(clients)).id, '000000000000')
    assert.deepEqual(await unreleasedTargets(clients, platform), {
      services: ['admin', 'user'],
      sites: ['admin', 'user'],
      jobs: [],
    })
    assert.equal(await bucketOf().find(), undefined)
    const openStack = () => Promise.reject(new Error('not opened'))
    const steps = awsTearDown({ clients, platform, openStack, finalSnapshot: 'x' })
    assert.deepEqual(await steps.deploymentsUnderWay(), [])
    assert.equal(await steps.removeRevisions(), 0)
  })

  test('the state bucket is made once, and removed with all that is in it', async () => {
    const bucket = bucketOf()
    const name = await bucket.create()
    assert.equal(name, 'keencho-production-state-000000000000')
    assert.equal(await bucket.create(), name)
    assert.equal(await bucket.find(), name)
    await bucket.remove(name)
    await bucket.remove(name)
    assert.equal(await bucket.find(), undefined)
  })

  test('a secret is missing until it is set, and can be set again', async () => {
    const reference = { service: 'admin', name: 'API_KEY' }
    await assert.rejects(
      setSecret(clients, platform, reference, 'x'),
      /no secret keencho-production\/admin\/API_KEY/,
    )
    const Name = serviceSecretName(platform, 'admin', 'API_KEY')
    await clients.secretsManager.send(new CreateSecretCommand({ Name }))
    assert.deepEqual(await missingSecrets(clients, platform, ['admin', 'user']), [reference])
    await setSecret(clients, platform, reference, 'first')
    assert.deepEqual(await missingSecrets(clients, platform, ['admin', 'user']), [])
    await setSecret(clients, platform, reference, 'second')
    const { SecretString } = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId: Name }))
    assert.equal(SecretString, 'second')
  })

  test('a secret that a destroy deleted comes back with its value, and Terraform adopts it', async () => {
    const reference = { service: 'admin', name: 'API_KEY' }
    const SecretId = serviceSecretName(platform, 'admin', 'API_KEY')
    const { ARN } = await clients.secretsManager.send(
      new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }),
    )
    const adopted = {
      'adopt.tf.json': { import: [{ to: 'aws_secretsmanager_secret.admin_secret_api_key', id: ARN }] },
    }
    assert.deepEqual(await adoptSecrets(clients, platform), adopted)
    assert.deepEqual(await missingSecrets(clients, platform, ['admin']), [])
    const { SecretString } = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId }))
    assert.equal(SecretString, 'second')
    // What was restored before an apply broke off is adopted by the next one.
    assert.deepEqual(await adoptSecrets(clients, platform), adopted)
    await setSecret(clients, platform, reference, 'second')
  })

  test('a secret that no service names is refused by name', () => {
    assert.throws(() => requireSecret(platform, { service: 'other', name: 'X' }), /no service "other"/)
    assert.throws(() => requireSecret(platform, { service: 'admin', name: 'X' }), /no secret "X"/)
    requireSecret(platform, { service: 'admin', name: 'API_KEY' })
  })

  test('a real Terraform keeps its state in the bucket, and any folder finds it there', {
    skip,
  }, async () => {
    if (binary === undefined) return
    const bucket = bucketOf()
    const name = await bucket.create()
    const open = async (folderName: string, input: string) => {
      const folder = join(dir, folderName)
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
      await terraform.init({ backendConfig: { bucket: name, use_path_style: 'true' } })
      return terraform
    }
    const first = await open('one', 'x')
    assert.deepEqual(await first.addresses(), [])
    await first.plan()
    await first.apply()
    const second = await open('two', 'x')
    assert.equal(describePlan(await second.plan()), 'nothing to do')
    assert.deepEqual(await second.addresses(), ['terraform_data.kept'])
    await bucket.remove(name)
    assert.equal(await bucket.find(), undefined)
  })

  describe('the commands, with a Terraform that only speaks like one', () => {
    const bin = installFake()
    const config = join(dir, 'baton.config.ts')
    const folder = (stack: string, file: string) => join(dir, 'state/aws/stacks', stack, file)
    const read = (stack: string, file: string) => JSON.parse(readFileSync(folder(stack, file), 'utf8'))
    before(() => {
      const repository = join(import.meta.dirname, '../../../..')
      symlinkSync(join(repository, 'examples/accounts/apps'), join(dir, 'apps'))
      writeFileSync(
        config,
        `import base from '${join(repository, 'examples/accounts/baton.config.ts')}'
         const admin = { ...base.services.admin, secrets: ['API_KEY'] }
         export default { ...base, services: { ...base.services, admin } }`,
      )
    })
    after(() => rmSync(bin, { recursive: true }))

    /** As if what was synthesized last had been applied. */
    const exist = (...stacks: string[]) => {
      for (const stack of stacks) {
        const { resource } = read(stack, 'cdk.tf.json')
        const addresses = Object.entries<Record<string, object>>(resource).flatMap(([type, bodies]) =>
          Object.entries(bodies).map(([name, body]) => [`${type}.${name}`, body]),
        )
        writeFileSync(folder(stack, 'fake.tfstate'), JSON.stringify(Object.fromEntries(addresses)))
      }
    }

    /** Runs a command as a separate process, without a terminal. */
    const baton = (line: string, input = '') => {
      const modules = ['plan', 'apply', 'destroy', 'secret'].map(
        (name) => new URL(`../commands/${name}.ts`, import.meta.url),
      )
      const failure = new URL('../failure.ts', import.meta.url)
      const program = `
        import { Command } from 'commander'
        import { describeFailure, renderFailure } from '${failure}'
        const program = new Command('baton').option('-c, --config <file>').option('--state-dir <folder>').option('--json')
        for (const module of ${JSON.stringify(modules)}) for (const add of Object.values(await import(module))) add(program)
        const options = ['-c', ${JSON.stringify(config)}, '--state-dir', ${JSON.stringify(join(dir, 'state'))}]
        await program.parseAsync([...options, ...${JSON.stringify(line.split(' '))}], { from: 'user' }).catch((error) => {
          const failure = describeFailure(error)
          process.stderr.write(failure ? renderFailure(failure) : error.stack)
          process.exitCode = 1
        })`
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        cwd: import.meta.dirname,
        env: { ...process.env, TERRAFORM_BINARY: join(bin, 'terraform') },
      })
      child.stdin.end(input)
      const output = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (chunk: string) => {
          output[name] += chunk
        })
      }
      return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
        child.once('close', (code) => done({ code, ...output }))
      })
    }

    test('plan shows what an empty account would get, and leaves it empty', async () => {
      const { code, stdout, stderr } = await baton('--json plan')
      assert.equal(code, 0, stderr)
      const { stacks, waiting } = JSON.parse(stdout)
      assert.deepEqual(
        [stacks[0].name, stacks[0].summary.create, waiting[0].name],
        ['bootstrap', 14, 'platform'],
      )
      assert.equal(await bucketOf().find(), undefined)
      assert.ok(existsSync(folder('bootstrap', 'backend_override.tf.json')))
      exist('bootstrap', 'platform')
    })

    test('apply and destroy refuse to begin without a terminal to ask on', async () => {
      const apply = await baton('apply')
      assert.deepEqual([apply.code, /--yes/.test(apply.stderr)], [1, true])
      await bucketOf().create()
      const destroy = await baton('destroy')
      assert.deepEqual([destroy.code, /--confirm keencho-production/.test(destroy.stderr)], [1, true])
    })

    test('destroy lowers the protections, names the snapshot, and with --all leaves not even the bucket', async () => {
      const { code, stdout, stderr } = await baton('destroy --all --confirm keencho-production')
      assert.equal(code, 0, stderr)
      assert.match(stderr, /platform: lower the protections \(\d+ to change\)/)
      assert.match(stdout, /snapshot keencho-production-final-\d{8}-\d{6}/)
      assert.deepEqual([read('platform', 'fake.tfstate'), read('bootstrap', 'fake.tfstate')], [{}, {}])
      assert.equal(await bucketOf().find(), undefined)
      const { aws_db_instance: database } = read('platform', 'final_snapshot_override.tf.json').resource
      assert.match(stdout, new RegExp(database.main.final_snapshot_identifier))
    })

    test('secret set reads the value from standard input', async () => {
      const { code, stdout, stderr } = await baton('secret set admin API_KEY', 'from a pipe\n')
      assert.equal(code, 0, stderr)
      assert.match(stdout, /next deploy of service\/admin/)
      const SecretId = serviceSecretName(platform, 'admin', 'API_KEY')
      const { SecretString } = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId }))
      assert.equal(SecretString, 'from a pipe')
      assert.doesNotMatch(`${stdout}${stderr}`, /from a pipe/)
    })
  })
})
