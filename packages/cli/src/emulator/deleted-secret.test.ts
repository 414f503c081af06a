/** A secret that was removed from the configuration and is added again within its recovery window. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { loadPlatform, type Service, serviceSecretName } from '@baton/config'
import { startEmulator } from '@baton/emulator/client'
import { serviceSecretAddress } from '@baton/infra'
import { createClients, type StackName } from '@baton/release'
import { openEmulatorStacks } from './apply-stack.ts'

// https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
test('a secret that comes back within seven days is restored with its value', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'baton-deleted-secret-'))
  t.after(() => rm(root, { recursive: true }))
  const loaded = await loadPlatform(
    join(import.meta.dirname, '../../../../examples/accounts/baton.config.ts'),
  )
  const emulator = await startEmulator({ stateDir: join(root, 'emulator'), awsRegion: loaded.region })
  t.after(() => emulator.stop())
  const clients = createClients(emulator.clientSettings())
  t.after(() => clients.close())
  const SecretId = serviceSecretName(loaded, 'admin', 'API_KEY')
  const [type = '', id = ''] = serviceSecretAddress('admin', 'API_KEY').split('.')
  const stacks = (['bootstrap', 'platform'] satisfies StackName[]).map((name) => ({
    name,
    folder: join(root, name),
  }))

  /** As `baton up` does it: the stack with the services' secrets, and nothing else in it. */
  async function up(secrets: readonly string[]) {
    const platform = {
      ...loaded,
      services: loaded.services.map(
        (service): Service =>
          service.name === 'admin'
            ? { ...service, containers: [{ ...service.containers[0], secrets }] }
            : service,
      ),
    }
    for (const { name, folder } of stacks) {
      const resource = { name: SecretId, description: 'a key', recovery_window_in_days: 7 }
      const has = name === 'platform' && secrets.length > 0
      await mkdir(folder, { recursive: true })
      await writeFile(
        join(folder, 'cdk.tf.json'),
        JSON.stringify(has ? { resource: { [type]: { [id]: resource } } } : {}),
      )
    }
    const terminal = { apply: () => undefined, note: () => undefined }
    const options = { platform, emulator, clients, stacks, inert: [], terminal }
    const apply = await openEmulatorStacks({ ...options, signal: AbortSignal.timeout(30_000) })
    return (await apply('platform')).changes.map(({ action }) => action)
  }
  assert.deepEqual(await up(['API_KEY']), ['create'])
  await clients.secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString: 'first' }))
  assert.deepEqual(await up(['API_KEY']), [])
  assert.deepEqual(await up([]), ['delete'])
  assert.deepEqual(await up(['API_KEY']), ['import', 'update'])
  const { SecretString } = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId }))
  assert.equal(SecretString, 'first')
  assert.deepEqual(await up(['API_KEY']), [])
})
