/**
 * The secrets that a service's configuration names: empty here, filled by `baton secret set`, and read by ECS
 * when a task starts. The value never passes through Terraform, so it is nowhere else: a deleted secret can be
 * restored for seven days, and `baton apply` and `baton up` do so before they would create one of the same name.
 */
import { secretOwners, serviceSecretName } from '@baton/config'
import { SecretsmanagerSecret } from '@cdktn/provider-aws/lib/secretsmanager-secret/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

/** The shortest time that Secrets Manager keeps a deleted secret: API_DeleteSecret. */
const recoveryDays = 7

const secretId = (owner: string, secret: string) =>
  `${owner.replace(/^job-/, 'job_')}_secret_${secret.toLowerCase()}`

/** Address of a service's secret in the platform stack. */
export const serviceSecretAddress = (service: string, secret: string): string =>
  `aws_secretsmanager_secret.${secretId(service, secret)}`

/** ARN of each secret of a service, or of a job with an image of its own, by the name of its variable. */
export function ownerSecrets(stack: BatonStack, owner: string): ReadonlyMap<string, string> {
  const scope = new Construct(stack, `secrets-${owner}`)
  const { secrets = [] } = secretOwners(stack.platform).find(({ name }) => name === owner) ?? {}
  return new Map(
    secrets.map((secret) => [
      secret,
      new SecretsmanagerSecret(scope, secretId(owner, secret), {
        name: serviceSecretName(stack.platform, owner, secret),
        description: `${secret} of ${owner}`,
        recoveryWindowInDays: recoveryDays,
        ...(stack.keyArn === undefined ? {} : { kmsKeyId: stack.keyArn }),
      }).arn,
    ]),
  )
}
