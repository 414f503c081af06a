/** The AWS clients of those who only look: alarms, logs, health of targets. A release needs none of them. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type ClientOptions, type Clients, clientSettings, createClients } from '../aws/clients.ts'

export interface Observers extends Clients {
  readonly cloudwatch: CloudWatchClient
  readonly elb: ElasticLoadBalancingV2Client
  readonly logs: CloudWatchLogsClient
}

export function createObservers(options: ClientOptions): Observers {
  const settings = clientSettings(options)
  const release = createClients(options)
  const own = {
    cloudwatch: new CloudWatchClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    logs: new CloudWatchLogsClient(settings),
  }
  return {
    ...release,
    ...own,
    close() {
      release.close()
      for (const client of Object.values(own)) client.destroy()
    },
  }
}
