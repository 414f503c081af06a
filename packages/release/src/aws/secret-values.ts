/**
 * The values of the services' secrets. Terraform makes the secrets empty; a value never meets it. ECS reads them
 * when a task starts, so a new value reaches a service by its next release.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { type Platform, secretOwners, serviceSecretName } from '@baton/config'
import { ReleaseError } from '../release-error.ts'
import type { Clients } from './clients.ts'

/** Service → name of the secret → value. */
export type SecretValues = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Throws `secret-missing` with every secret that the platform's services name and the values do not hold. */
export function requireSecretValues(platform: Platform, values: SecretValues): void {
  const missing = secretOwners(platform).flatMap((service) =>
    service.secrets
      .filter((name) => values[service.name]?.[name] === undefined)
      .map((name) => `${service.name}.${name}`),
  )
  if (missing.length === 0) return
  throw new ReleaseError(
    'secret-missing',
    `These secrets have no value: ${missing.join(', ')}.`,
    'Write them to baton.secrets.json beside the configuration (git ignores it): { "SERVICE": { "NAME": "value" } }.',
  )
}

/** Writes the values of the secrets that the platform's services name. */
export async function putSecretValues(
  clients: Clients,
  platform: Platform,
  values: SecretValues,
): Promise<void> {
  for (const service of secretOwners(platform)) {
    for (const name of service.secrets) {
      await clients.secretsManager.send(
        new PutSecretValueCommand({
          SecretId: serviceSecretName(platform, service.name, name),
          SecretString: values[service.name]?.[name],
        }),
      )
    }
  }
}
