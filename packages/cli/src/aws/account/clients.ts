/** The AWS clients of `plan`, `apply`, `destroy` and `secret`: those of a release, and one more. */
import { STSClient } from '@aws-sdk/client-sts'
import type { Platform } from '@baton/config'
import { type Clients, createClients } from '@baton/release'

export interface AwsClients extends Clients {
  readonly sts: STSClient
}

/** The SDK's own rules decide the endpoint and the credentials (`AWS_PROFILE`, `AWS_ENDPOINT_URL`, …). */
export function awsClients({ region }: Platform): AwsClients {
  const endpoint = process.env.AWS_ENDPOINT_URL
  const settings = { region, ...(endpoint ? { endpoint } : {}) }
  const release = createClients(settings)
  const sts = new STSClient({ ...settings, maxAttempts: 5 })
  return {
    ...release,
    sts,
    close() {
      release.close()
      sts.destroy()
    },
  }
}
