/** What must be nowhere but in the emulator's own files: credentials, its token, passwords. Their part of up.test.ts. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import type { Day } from './day.ts'
import { processes, processesAreVisible } from './processes.ts'

export function testSecrets(day: Day): void {
  test('no output, no file besides the emulator’s own, and no command line holds a secret', async () => {
    const { root, stateDir, printed } = day.workspace
    const secrets = await secretsOf(day)
    assert.ok(secrets.size >= 4, `only ${[...secrets.keys()]}`)
    for (const command of [['status'], ['--json', 'status'], ['--json', 'notices']])
      await day.baton(...command)
    const own = [join(stateDir, 'emulator', 'emulator.json'), join(stateDir, 'emulator', 'state')]
    const files = filesBelow(root, own)
    assert.ok(
      files.some((file) => file.endsWith('emulator.log')) &&
        files.some((file) => file.endsWith('cdk.tf.json')),
    )
    const commands = processesAreVisible ? processes().map(({ command }) => command) : []
    const places: [place: string, text: string][] = [
      ...printed.map(({ args, text }): [string, string] => [`output of ${args.join(' ')}`, text]),
      ...commands.map((command): [string, string] => [`command line ${command.slice(0, 60)}`, command]),
      ...files.map((file): [string, string] => [relative(root, file), readFileSync(file, 'latin1')]),
    ]
    const found = places.flatMap(([place, text]) =>
      [...secrets].flatMap(([name, secret]) => (text.includes(secret) ? [`${name} in ${place}`] : [])),
    )
    assert.deepEqual(found, [])
  })
}

/** By name. */
async function secretsOf(day: Day): Promise<Map<string, string>> {
  const file = join(day.workspace.stateDir, 'emulator', 'emulator.json')
  const { credentials, controlToken } = JSON.parse(readFileSync(file, 'utf8'))
  const secrets = new Map<string, string>([
    ['the secret access key', credentials.secretAccessKey],
    ['the token of the control API', controlToken],
  ])
  const client = new SecretsManagerClient(day.clientSettings())
  const { SecretList = [] } = await client.send(new ListSecretsCommand({}))
  for (const { ARN, Name } of SecretList) {
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: ARN }))
    const { password } = JSON.parse(SecretString)
    if (typeof password === 'string') secrets.set(`the password of ${Name}`, password)
  }
  client.destroy()
  return secrets
}

/** All but these, and but the data of a database that a private state directory keeps elsewhere. */
function filesBelow(folder: string, without: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (without.includes(path) || entry.name.startsWith('baton-rds-')) return []
    if (entry.isDirectory()) return filesBelow(path, without)
    return entry.isFile() ? [path] : []
  })
}
