/**
 * Security groups and their rules, kept so that it can be decided which connections exist.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model/model.ts'
import { ruleOf, rulesOfBlocks } from './model/security-rules.ts'
import { type Ec2Record, ec2Record } from './record.ts'

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

export function securityGroupTypes(model: Ec2Model): ResourceType[] {
  const { state, emulator } = model
  return [
    ec2Record(model, {
      type: 'aws_security_group',
      documents: state.securityGroups,
      prefix: 'sg-',
      arnType: 'security-group',
      attributes: named,
      compute: (planned) => ({
        ...nameOf(planned, emulator.ids.hex('', 26)),
        ingress: planned.ingress ?? [],
        egress: planned.egress ?? [],
      }),
      ...ruleSides(model),
    }),
    defaultSecurityGroup(model),
    ...(['ingress', 'egress'] as const).map((direction) =>
      ec2Record(model, {
        type: `aws_vpc_security_group_${direction}_rule`,
        documents: state.rules[direction],
        prefix: 'sgr-',
        arnType: 'security-group-rule',
        attributes: rule,
        compute: (planned, id) => ({ ...ruleOf(planned), ...planned, security_group_rule_id: id }),
      }),
    ),
  ]
}

/** Blocks inside of a group become rules, and rules that came otherwise are seen in its blocks. */
function ruleSides({ rules }: Ec2Model): Pick<Ec2Record, 'beside' | 'now'> {
  return {
    beside(id, group) {
      if (group === undefined) return rules.remove(id)
      rules.set(id, 'ingress', rulesOfBlocks(id, group.ingress))
      rules.set(id, 'egress', rulesOfBlocks(id, group.egress))
    },
    now: ({ id, ingress, egress }) => ({
      ingress: rules.blocks(String(id), 'ingress', ingress),
      egress: rules.blocks(String(id), 'egress', egress),
    }),
  }
}

function nameOf(planned: Attributes, suffix: string): Attributes {
  const name = planned.name ?? `${planned.name_prefix ?? 'terraform-'}${suffix}`
  return { name, name_prefix: planned.name_prefix ?? '' }
}

/**
 * The provider adopts the group that came with the VPC and sets its rules to what is configured: none, if none are. It
 * leaves the group when it is destroyed.
 * AWS provider's documentation, aws_default_security_group
 */
function defaultSecurityGroup(model: Ec2Model): ResourceType {
  const { state } = model
  const ownRules = block(inlineAttributes, { set: true })
  const adopted = ec2Record(model, {
    type: 'aws_default_security_group',
    documents: state.securityGroups,
    prefix: 'sg-',
    attributes: {
      ...group,
      ingress: ownRules,
      egress: ownRules,
      name: computed(),
      name_prefix: computed(),
      description: computed(),
    },
    compute(planned) {
      const id = state.vpcs.get(String(planned.vpc_id))?.default_security_group_id
      const found = state.securityGroups.get(String(id))
      if (found === undefined)
        throw new Error(
          `InvalidVpcID.NotFound: The vpc ID '${planned.vpc_id}' does not exist. Refer to the VPC's resource.`,
        )
      return { ...found, ...planned }
    },
    ...ruleSides(model),
  })
  return { ...adopted, delete() {} }
}
