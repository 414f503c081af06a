/** The AWS clients of `plan`, `apply`, `destroy` and `secret`: those of a release, and three more. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { STSClient } from '@aws-sdk/client-sts'
import type { Platform } from '@baton/config'
import { type Clients, createClients } from '@baton/release'

export interface AwsClients extends Clients {
  readonly secrets: SecretsManagerClient
  readonly sts: STSClient
}

/** The SDK's own rules say where AWS is and who asks (`AWS_PROFILE`, `AWS_ENDPOINT_URL`, …). */
export function awsClients({ region }: Platform): AwsClients {
  const endpoint = process.env.AWS_ENDPOINT_URL
  const settings = { region, ...(endpoint ? { endpoint } : {}) }
  const release = createClients(settings)
  const secrets = new SecretsManagerClient({ ...settings, maxAttempts: 5 })
  const sts = new STSClient({ ...settings, maxAttempts: 5 })
  return {
    ...release,
    secrets,
    sts,
    close() {
      release.close()
      secrets.destroy()
      sts.destroy()
    },
  }
}
