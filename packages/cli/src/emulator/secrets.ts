/**
 * Values of the services' secrets for an emulator: `baton.secrets.json` beside the configuration, which git ignores.
 * On AWS they are set with `baton secret set`.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform } from '@baton/config'
import type { SecretValues } from '@baton/release'
import { UsageError } from '../usage-error.ts'

const secretsFile = 'baton.secrets.json'

/** The file's content; nothing where there is no file. Throws `UsageError` when it is anything else. */
export async function emulatorSecrets(platform: Platform): Promise<SecretValues> {
  const file = join(platform.rootDir, secretsFile)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return {}
  try {
    const values: unknown = JSON.parse(text)
    if (isSecretValues(values)) return values
  } catch {
    // Reported below, without the content: it is secret.
  }
  throw new UsageError(
    `${file} does not hold values of secrets.`,
    'Write JSON: { "SERVICE": { "NAME": "value" } }, every value a string.',
  )
}

function isSecretValues(values: unknown): values is SecretValues {
  return (
    isRecord(values) &&
    Object.values(values).every(
      (names) => isRecord(names) && Object.values(names).every((value) => typeof value === 'string'),
    )
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
