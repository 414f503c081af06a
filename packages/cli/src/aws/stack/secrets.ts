/**
 * The secrets that a service's configuration names. Terraform creates them without a value, `baton secret set` writes
 * it, and ECS reads it when a task starts: a new value reaches production with the next deploy.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager'
import { type Platform, secretOwners, serviceSecretName } from '@baton/config'
import { UsageError } from '../../usage-error.ts'
import type { AwsClients } from '../account/clients.ts'

export interface SecretReference {
  readonly service: string
  /** Name of the environment variable: `API_KEY`. */
  readonly name: string
}

/** Throws `UsageError` where the configuration names no such service or secret. */
export function requireSecret(platform: Platform, { service, name }: SecretReference): void {
  const owners = secretOwners(platform)
  const known = owners.find((candidate) => candidate.name === service)
  if (known === undefined) {
    throw new UsageError(
      `There is no service "${service}".`,
      `Choose one of ${owners.map((candidate) => candidate.name).join(', ')}.`,
    )
  }
  if (known.secrets.includes(name)) return
  throw new UsageError(
    `The service ${service} has no secret "${name}".`,
    known.secrets.length > 0
      ? `Choose one of ${known.secrets.join(', ')}, or add it to services.${service}.secrets and apply.`
      : `Add it first, services.${service}.secrets: ['${name}'], and apply.`,
  )
}

/** Writes the value; the previous one stays readable as AWSPREVIOUS. Returns the new version's id. */
export async function setSecret(
  { secretsManager }: Pick<AwsClients, 'secretsManager'>,
  platform: Platform,
  reference: SecretReference,
  value: string,
): Promise<string> {
  const SecretId = serviceSecretName(platform, reference.service, reference.name)
  try {
    const { VersionId } = await secretsManager.send(
      new PutSecretValueCommand({ SecretId, SecretString: value }),
    )
    return VersionId ?? ''
  } catch (cause) {
    if (!(cause instanceof ResourceNotFoundException)) throw cause
    throw Object.assign(
      new UsageError(
        `There is no secret ${SecretId} on AWS yet.`,
        'Apply the platform first: `baton apply`.',
      ),
      { cause },
    )
  }
}

/** Secrets of these services that have no value: a task that needs one would not start. */
export async function missingSecrets(
  { secretsManager }: Pick<AwsClients, 'secretsManager'>,
  platform: Platform,
  services: readonly string[],
): Promise<SecretReference[]> {
  const wanted = secretOwners(platform)
    .filter(({ name }) => services.includes(name))
    .flatMap((service) => service.secrets.map((name) => ({ service: service.name, name })))
  const empty = await Promise.all(
    wanted.map(async (reference) => {
      const SecretId = serviceSecretName(platform, reference.service, reference.name)
      const { VersionIdsToStages = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId }))
      const filled = Object.values(VersionIdsToStages).some((stages) => stages.includes('AWSCURRENT'))
      return filled ? [] : [reference]
    }),
  )
  return empty.flat()
}
