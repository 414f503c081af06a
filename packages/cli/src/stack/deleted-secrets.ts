/**
 * Secrets of services that a destroy, or their removal from the configuration, has left to be restored: Secrets Manager keeps them, and their names, for the
 * recovery window. A platform that is built again within it gets them back with their values.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
 */
import {
  DescribeSecretCommand,
  ResourceNotFoundException,
  RestoreSecretCommand,
} from '@aws-sdk/client-secrets-manager'
import { type Platform, secretOwners, serviceSecretName } from '@baton/config'
import { serviceSecretAddress } from '@baton/infra'
import type { Clients } from '@baton/release'

/**
 * Restores what is scheduled for deletion, and has Terraform adopt every secret that exists: the first plan after
 * that imports it, later ones find it imported. The result is files for the folder of the platform stack.
 */
export async function adoptSecrets(
  { secretsManager }: Pick<Clients, 'secretsManager'>,
  platform: Platform,
): Promise<Record<string, object>> {
  const references = secretOwners(platform).flatMap(({ name, secrets }) =>
    secrets.map((secret) => ({ service: name, secret })),
  )
  const imports = await Promise.all(
    references.map(async ({ service, secret }) => {
      const SecretId = serviceSecretName(platform, service, secret)
      try {
        const { ARN, DeletedDate } = await secretsManager.send(new DescribeSecretCommand({ SecretId }))
        if (DeletedDate !== undefined) await secretsManager.send(new RestoreSecretCommand({ SecretId }))
        return [{ to: serviceSecretAddress(service, secret), id: ARN }]
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return []
        throw error
      }
    }),
  )
  return imports.flat().length === 0 ? {} : { 'adopt.tf.json': { import: imports.flat() } }
}
