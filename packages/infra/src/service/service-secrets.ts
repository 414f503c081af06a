/**
 * The secrets that a service's configuration names: empty here, filled by `baton secret set`, and read by ECS
 * when a task starts. The value never meets Terraform.
 */
import { type Service, serviceSecretName } from '@baton/config'
import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

/** ARN of each secret by the name of its environment variable. */
export function serviceSecrets(stack: BatonStack, service: Service): ReadonlyMap<string, string> {
  const scope = new Construct(stack, `secrets-${service.name}`)
  return new Map(
    service.secrets.map((secret) => [
      secret,
      new SecretsmanagerSecret(scope, `${service.name}_secret_${secret.toLowerCase()}`, {
        name: serviceSecretName(stack.platform, service.name, secret),
        description: `${secret} of ${service.name}`,
        recoveryWindowInDays: 0,
      }).arn,
    ]),
  )
}
