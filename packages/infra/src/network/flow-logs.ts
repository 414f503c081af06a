/**
 * Flow logs of the VPC: who connected to whom, admitted or refused, as Parquet files in the logs bucket. An option,
 * because AWS charges for every record.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html
 */
import { FlowLog } from '@cdktn/provider-aws/lib/flow-log/index.js'
import { Construct } from 'constructs'
import type { AccessLogs } from '../storage/access-logs.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Network } from './network.ts'

export function flowLogs(stack: BatonStack, parts: { network: Network; accessLogs: AccessLogs }): void {
  if (!stack.platform.network.flowLogs) return
  new FlowLog(new Construct(stack, 'flow-logs'), 'main', {
    vpcId: parts.network.vpc.id,
    trafficType: 'ALL',
    logDestinationType: 's3',
    logDestination: parts.accessLogs.bucket.arn,
    destinationOptions: { fileFormat: 'parquet', perHourPartition: true },
    tags: { Name: stack.platform.name },
    dependsOn: [parts.accessLogs.policy],
  })
}
