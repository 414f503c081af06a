/**
 * The secrets that a service's configuration names: empty here, filled by `baton secret set`, and read by ECS
 * when a task starts. The value never passes through Terraform, so it is nowhere else: a deleted secret can be
 * restored for seven days, and `baton apply` and `baton up` do so before they would create one of the same name.
 */
import { type Service, secretsOf, serviceSecretName } from '@baton/config'
import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

/** The shortest time that Secrets Manager keeps a deleted secret: API_DeleteSecret. */
const recoveryDays = 7

const secretId = (service: string, secret: string) => `${service}_secret_${secret.toLowerCase()}`

/** Address of a service's secret in the platform stack. */
export const serviceSecretAddress = (service: string, secret: string): string =>
  `aws_secretsmanager_secret.${secretId(service, secret)}`

/** ARN of each secret by the name of its environment variable. */
export function serviceSecrets(stack: BatonStack, service: Service): ReadonlyMap<string, string> {
  const scope = new Construct(stack, `secrets-${service.name}`)
  return new Map(
    secretsOf(service).map((secret) => [
      secret,
      new SecretsmanagerSecret(scope, secretId(service.name, secret), {
        name: serviceSecretName(stack.platform, service.name, secret),
        description: `${secret} of ${service.name}`,
        recoveryWindowInDays: recoveryDays,
      }).arn,
    ]),
  )
}
