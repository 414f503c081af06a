/**
 * Security groups and their rules, kept so that it can be decided which connections exist.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 */
import type { EmulatorContext } from '../../service.ts'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import {
  type AttributeSpecs,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { ec2Arn, ec2Record } from './record.ts'

const inlineAttributes: AttributeSpecs = {
  description: implemented(),
  from_port: implemented(),
  to_port: implemented(),
  protocol: implemented(),
  cidr_blocks: implemented({ set: true }),
  ipv6_cidr_blocks: implemented({ set: true }),
  prefix_list_ids: implemented({ set: true }),
  security_groups: implemented({ set: true }),
  self: implemented({ default: false }),
}

/** Unchanged where the configuration names none: rules may be separate resources. */
const inlineRules = block(inlineAttributes, { set: true, computed: true })

const group: AttributeSpecs = {
  vpc_id: implemented({ forceNew: true, computed: true }),
  ingress: inlineRules,
  egress: inlineRules,
  revoke_rules_on_delete: ignored('rules end with their group here', { default: false }),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
}

const named: AttributeSpecs = {
  ...group,
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  description: implemented({ forceNew: true, default: 'Managed by Terraform' }),
}

const rule: AttributeSpecs = {
  security_group_id: implemented({ forceNew: true }),
  cidr_ipv4: implemented(),
  cidr_ipv6: implemented(),
  prefix_list_id: implemented(),
  referenced_security_group_id: implemented(),
  from_port: implemented(),
  to_port: implemented(),
  ip_protocol: implemented(),
  description: implemented(),
  tags: implemented(),
  arn: computed(),
  security_group_rule_id: computed(),
}

export function securityGroupTypes(emulator: EmulatorContext): ResourceType[] {
  return [
    ec2Record(emulator, {
      type: 'aws_security_group',
      collection: 'security-groups',
      prefix: 'sg-',
      arnType: 'security-group',
      attributes: named,
      compute: (planned) => ({
        ...nameOf(emulator, planned),
        ingress: planned.ingress ?? [],
        egress: planned.egress ?? [],
      }),
    }),
    defaultSecurityGroup(emulator),
    ...(['ingress', 'egress'] as const).map((direction) =>
      ec2Record(emulator, {
        type: `aws_vpc_security_group_${direction}_rule`,
        collection: `security-group-${direction}-rules`,
        prefix: 'sgr-',
        arnType: 'security-group-rule',
        attributes: rule,
        compute: (_planned, id) => ({ security_group_rule_id: id }),
      }),
    ),
  ]
}

function nameOf(emulator: EmulatorContext, planned: Attributes): Attributes {
  const name = planned.name ?? `${planned.name_prefix ?? 'terraform-'}${emulator.ids.hex('', 26)}`
  return { name, name_prefix: planned.name_prefix ?? '' }
}

/**
 * The provider adopts the group that came with the VPC and sets its rules to what is configured: none, if none are.
 * AWS provider's documentation, aws_default_security_group
 */
function defaultSecurityGroup(emulator: EmulatorContext): ResourceType {
  const groups = emulator.store.collection<Attributes>('ec2.security-groups')
  const vpcs = emulator.store.collection<Attributes>('ec2.vpcs')
  const ownRules = block(inlineAttributes, { set: true })
  return recordType({
    type: 'aws_default_security_group',
    attributes: {
      ...group,
      ingress: ownRules,
      egress: ownRules,
      name: computed(),
      name_prefix: computed(),
      description: computed(),
    },
    compute(planned, context) {
      const id = String(
        vpcs.get(String(planned.vpc_id))?.default_security_group_id ?? emulator.ids.hex('sg-', 17),
      )
      return {
        id,
        arn: ec2Arn(context, `security-group/${id}`),
        owner_id: context.accountId,
        name: 'default',
        name_prefix: '',
        description: 'default VPC security group',
      }
    },
    keep(id, attributes) {
      if (attributes === undefined) groups.delete(id)
      else groups.put(id, attributes)
    },
  })
}
