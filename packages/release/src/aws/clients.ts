/**
 * The AWS clients that a release speaks through. Nothing here, or anywhere in this package, knows where they
 * lead: an endpoint may come from `AWS_ENDPOINT_URL` or be given, and then every service is there.
 */
import { lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import { CloudFrontKeyValueStoreClient } from '@aws-sdk/client-cloudfront-keyvaluestore'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ECSClient } from '@aws-sdk/client-ecs'
import { S3Client } from '@aws-sdk/client-s3'
import { SchedulerClient } from '@aws-sdk/client-scheduler'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
// The KeyValueStore signs with SigV4A; importing the signer registers it with the client.
import '@aws-sdk/signature-v4a'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export interface Clients {
  readonly autoScaling: ApplicationAutoScalingClient
  readonly codedeploy: CodeDeployClient
  readonly ecr: ECRClient
  readonly ecs: ECSClient
  readonly keyValueStore: CloudFrontKeyValueStoreClient
  readonly logs: CloudWatchLogsClient
  readonly s3: S3Client
  readonly scheduler: SchedulerClient
  readonly secretsManager: SecretsManagerClient
  readonly ssm: SSMClient
  /** Closes the connections; the clients are useless afterwards. */
  close(): void
}

export interface ClientOptions {
  /** e.g. `ap-northeast-2`. */
  readonly region: string
  /** One endpoint for all services; without it the SDK's own rules hold (`AWS_ENDPOINT_URL`, then AWS). */
  readonly endpoint?: string
  /** Without them the SDK's own chain of providers is asked. */
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
}

/** What all clients of a place have in common: where they lead, and their connections. */
export function clientSettings(options: ClientOptions) {
  const agent = { keepAlive: true, maxSockets: 32, lookup }
  const requestHandler = new NodeHttpHandler({
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    connectionTimeout: 10_000,
  })
  // A given endpoint is the whole address: what the environment says of AWS's own endpoints does not fit together with it.
  const own = options.endpoint === undefined ? {} : { useFipsEndpoint: false, useDualstackEndpoint: false }
  return { ...options, ...own, requestHandler, maxAttempts: 5 }
}

export function createClients(options: ClientOptions): Clients {
  const settings = clientSettings(options)
  const clients = {
    autoScaling: new ApplicationAutoScalingClient(settings),
    codedeploy: new CodeDeployClient(settings),
    ecr: new ECRClient(settings),
    ecs: new ECSClient(settings),
    keyValueStore: new CloudFrontKeyValueStoreClient(settings),
    logs: new CloudWatchLogsClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: options.endpoint !== undefined }),
    scheduler: new SchedulerClient(settings),
    secretsManager: new SecretsManagerClient(settings),
    ssm: new SSMClient(settings),
  }
  return {
    ...clients,
    close() {
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}

/** Names below `localhost` are loopback (RFC 6761, section 6.3); Node's resolver does not know it. */
const lookup: LookupFunction = (hostname, options, callback) => {
  if (!/(^|\.)localhost$/i.test(hostname)) return systemLookup(hostname, options, callback)
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}
