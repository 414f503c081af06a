/** Network ACLs and flow logs. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html */
import {
  type AttributeSpecs,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model/model.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const entry: AttributeSpecs = {
  action: implemented(),
  cidr_block: implemented(),
  ipv6_cidr_block: implemented(),
  from_port: implemented(),
  to_port: implemented(),
  icmp_code: implemented(),
  icmp_type: implemented(),
  protocol: implemented(),
  rule_no: implemented(),
}

const networkAcl: AttributeSpecs = {
  vpc_id: implemented({ forceNew: true }),
  subnet_ids: implemented({ set: true, computed: true }),
  ingress: block(entry, { set: true, computed: true }),
  egress: block(entry, { set: true, computed: true }),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
}

const rule: AttributeSpecs = {
  network_acl_id: implemented({ forceNew: true }),
  rule_number: implemented({ forceNew: true }),
  egress: implemented({ forceNew: true, default: false }),
  protocol: implemented({ forceNew: true }),
  rule_action: implemented({ forceNew: true }),
  cidr_block: implemented({ forceNew: true }),
  ipv6_cidr_block: implemented({ forceNew: true }),
  from_port: implemented({ forceNew: true }),
  to_port: implemented({ forceNew: true }),
  icmp_code: implemented({ forceNew: true }),
  icmp_type: implemented({ forceNew: true }),
}

const flowLog: AttributeSpecs = {
  vpc_id: ignored(NO_PACKETS, { forceNew: true }),
  subnet_id: ignored(NO_PACKETS, { forceNew: true }),
  eni_id: ignored(NO_PACKETS, { forceNew: true }),
  traffic_type: ignored(NO_PACKETS, { forceNew: true }),
  iam_role_arn: ignored(NO_PACKETS, { forceNew: true }),
  log_destination: ignored(NO_PACKETS, { forceNew: true, computed: true }),
  log_destination_type: ignored(NO_PACKETS, { forceNew: true, default: 'cloud-watch-logs' }),
  log_format: ignored(NO_PACKETS, { forceNew: true, computed: true }),
  max_aggregation_interval: ignored(NO_PACKETS, { forceNew: true, default: 600 }),
  destination_options: block(
    {
      file_format: ignored(NO_PACKETS, { default: 'plain-text' }),
      hive_compatible_partitions: ignored(NO_PACKETS, { default: false }),
      per_hour_partition: ignored(NO_PACKETS, { default: false }),
    },
    { forceNew: true, maxItems: 1 },
  ),
  tags: implemented(),
  arn: computed(),
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const DEFAULT_FORMAT =
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}'

export function networkAclTypes(model: Ec2Model): ResourceType[] {
  const { state, entries } = model
  return [
    ec2Record(model, {
      type: 'aws_network_acl',
      documents: state.networkAcls,
      prefix: 'acl-',
      arnType: 'network-acl',
      attributes: networkAcl,
      compute: ({ ingress, egress, subnet_ids }) => ({
        ingress: ingress ?? [],
        egress: egress ?? [],
        subnet_ids: subnet_ids ?? [],
      }),
      beside(id, acl) {
        if (acl === undefined) return entries.remove(id)
        entries.set(id, 'ingress', acl.ingress)
        entries.set(id, 'egress', acl.egress)
        entries.setSubnets(id, acl.subnet_ids)
      },
      now: ({ id, ingress, egress }) => ({
        ingress: entries.blocks(String(id), 'ingress', ingress),
        egress: entries.blocks(String(id), 'egress', egress),
        subnet_ids: entries.subnetsOf(String(id)),
      }),
    }),
    ec2Record(model, {
      type: 'aws_network_acl_rule',
      documents: state.networkAclRules,
      prefix: 'nacl-',
      attributes: rule,
    }),
    ec2Record(model, {
      type: 'aws_flow_log',
      documents: state.flowLogs,
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
