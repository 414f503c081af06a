/** Network ACLs and flow logs. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html */
import type { EmulatorContext } from '../../service.ts'
import {
  type AttributeSpecs,
  block,
  computed,
  inert,
  modelled,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const entry: AttributeSpecs = {
  action: modelled(),
  cidr_block: modelled(),
  ipv6_cidr_block: modelled(),
  from_port: modelled(),
  to_port: modelled(),
  icmp_code: modelled(),
  icmp_type: modelled(),
  protocol: modelled(),
  rule_no: modelled(),
}

const networkAcl: AttributeSpecs = {
  vpc_id: modelled({ forceNew: true }),
  subnet_ids: modelled({ set: true, computed: true }),
  ingress: block(entry, { set: true, computed: true }),
  egress: block(entry, { set: true, computed: true }),
  tags: modelled(),
  arn: computed(),
  owner_id: computed(),
}

const rule: AttributeSpecs = {
  network_acl_id: modelled({ forceNew: true }),
  rule_number: modelled({ forceNew: true }),
  egress: modelled({ forceNew: true, default: false }),
  protocol: modelled({ forceNew: true }),
  rule_action: modelled({ forceNew: true }),
  cidr_block: modelled({ forceNew: true }),
  ipv6_cidr_block: modelled({ forceNew: true }),
  from_port: modelled({ forceNew: true }),
  to_port: modelled({ forceNew: true }),
  icmp_code: modelled({ forceNew: true }),
  icmp_type: modelled({ forceNew: true }),
}

const flowLog: AttributeSpecs = {
  vpc_id: inert(NO_PACKETS, { forceNew: true }),
  subnet_id: inert(NO_PACKETS, { forceNew: true }),
  eni_id: inert(NO_PACKETS, { forceNew: true }),
  traffic_type: inert(NO_PACKETS, { forceNew: true }),
  iam_role_arn: inert(NO_PACKETS, { forceNew: true }),
  log_destination: inert(NO_PACKETS, { forceNew: true, computed: true }),
  log_destination_type: inert(NO_PACKETS, { forceNew: true, default: 'cloud-watch-logs' }),
  log_format: inert(NO_PACKETS, { forceNew: true, computed: true }),
  max_aggregation_interval: inert(NO_PACKETS, { forceNew: true, default: 600 }),
  destination_options: block(
    {
      file_format: inert(NO_PACKETS, { default: 'plain-text' }),
      hive_compatible_partitions: inert(NO_PACKETS, { default: false }),
      per_hour_partition: inert(NO_PACKETS, { default: false }),
    },
    { forceNew: true, maxItems: 1 },
  ),
  tags: modelled(),
  arn: computed(),
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const DEFAULT_FORMAT =
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}'

export function networkAclTypes(emulator: EmulatorContext): ResourceType[] {
  return [
    ec2Record(emulator, {
      type: 'aws_network_acl',
      collection: 'network-acls',
      prefix: 'acl-',
      arnType: 'network-acl',
      attributes: networkAcl,
      compute: ({ ingress, egress, subnet_ids }) => ({
        ingress: ingress ?? [],
        egress: egress ?? [],
        subnet_ids: subnet_ids ?? [],
      }),
    }),
    ec2Record(emulator, {
      type: 'aws_network_acl_rule',
      collection: 'network-acl-rules',
      prefix: 'nacl-',
      attributes: rule,
    }),
    ec2Record(emulator, {
      type: 'aws_flow_log',
      collection: 'flow-logs',
      prefix: 'fl-',
      arnType: 'vpc-flow-log',
      attributes: flowLog,
      compute: (planned) => ({
        log_destination: planned.log_destination ?? '',
        log_format: planned.log_format ?? DEFAULT_FORMAT,
      }),
    }),
  ]
}
