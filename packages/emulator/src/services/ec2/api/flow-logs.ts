/** Flow logs, which are kept and never written. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html */
import type * as sdk from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { doorOf } from '../../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { firstBlock } from '../../../terraform/type/values.ts'
import type { Ec2Model } from '../model/model.ts'
import { attributes, select, tagsOut } from './filters.ts'
import { tagsIn } from './tags.ts'

const TARGETS: Readonly<Record<string, string>> = {
  VPC: 'vpc_id',
  Subnet: 'subnet_id',
  NetworkInterface: 'eni_id',
}

const looks = {
  ...attributes({
    'flow-log-id': 'id',
    'log-destination-type': 'log_destination_type',
    'traffic-type': 'traffic_type',
  }),
  'resource-id': (log: Attributes) => log.vpc_id ?? log.subnet_id ?? log.eni_id,
}

export function createFlowLogOperations(model: Ec2Model, types: readonly ResourceType[]) {
  const { state } = model
  const noLog = (id: string) =>
    new AwsError('InvalidFlowLogId.NotFound', `The flow log ID '${id}' does not exist`)
  const find = (id: string): Attributes => {
    const log = state.flowLogs.get(id)
    if (log === undefined) throw noLog(id)
    return log
  }
  const door = doorOf(model.emulator, types, 'aws_flow_log', find)
  return {
    CreateFlowLogs({ ResourceIds = [], ResourceType, ...given }) {
      const target = TARGETS[String(ResourceType)]
      if (target === undefined)
        throw new AwsError(
          'InvalidParameterValue',
          `Value (${ResourceType}) for parameter resourceType is invalid.`,
        )
      const options = given.DestinationOptions
      const made = ResourceIds.map((id) =>
        door.create({
          [target]: id,
          traffic_type: given.TrafficType ?? null,
          iam_role_arn: given.DeliverLogsPermissionArn ?? null,
          log_destination: given.LogDestination ?? null,
          log_group_name: given.LogGroupName ?? null,
          log_destination_type: given.LogDestinationType ?? 'cloud-watch-logs',
          log_format: given.LogFormat ?? null,
          max_aggregation_interval: given.MaxAggregationInterval ?? 600,
          destination_options:
            options === undefined
              ? []
              : [
                  {
                    file_format: options.FileFormat ?? 'plain-text',
                    hive_compatible_partitions: options.HiveCompatiblePartitions ?? false,
                    per_hour_partition: options.PerHourPartition ?? false,
                  },
                ],
          ...tagsIn(given.TagSpecifications),
        }),
      )
      return { FlowLogIds: made.map(({ id }) => String(id)), Unsuccessful: [] }
    },
    DescribeFlowLogs({ FlowLogIds: ids, Filter: filters }) {
      return { FlowLogs: select(state.flowLogs.values(), { ids, filters, looks }, noLog).map(logOut) }
    },
    DeleteFlowLogs({ FlowLogIds = [] }) {
      for (const id of FlowLogIds) {
        find(id)
        door.delete(id)
      }
      return { Unsuccessful: [] }
    },
  } satisfies Operations<typeof sdk>
}

function logOut(log: Attributes): sdk.FlowLog {
  const options = firstBlock(log.destination_options)
  return {
    FlowLogId: String(log.id),
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: 'SUCCESS',
    ResourceId: String(log.vpc_id ?? log.subnet_id ?? log.eni_id ?? ''),
    ...(log.traffic_type ? { TrafficType: String(log.traffic_type) as sdk.TrafficType } : {}),
    ...(log.iam_role_arn ? { DeliverLogsPermissionArn: String(log.iam_role_arn) } : {}),
    ...(log.log_destination ? { LogDestination: String(log.log_destination) } : {}),
    ...(log.log_group_name ? { LogGroupName: String(log.log_group_name) } : {}),
    LogDestinationType: String(log.log_destination_type) as sdk.LogDestinationType,
    LogFormat: String(log.log_format ?? ''),
    MaxAggregationInterval: Number(log.max_aggregation_interval),
    ...(options && {
      DestinationOptions: {
        FileFormat: String(options.file_format) as sdk.DestinationFileFormat,
        HiveCompatiblePartitions: options.hive_compatible_partitions === true,
        PerHourPartition: options.per_hour_partition === true,
      },
    }),
    Tags: tagsOut(log),
  }
}
