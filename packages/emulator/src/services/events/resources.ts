/** Terraform's view of EventBridge and of CodeStar notifications. */
import {
  type ApplyContext,
  type Attributes,
  block,
  computed,
  inert,
  modelled,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { firstBlock, stringMap, text } from '../../terraform/type/values.ts'
import { eventPattern } from './event-pattern.ts'
import type { Rules } from './rules.ts'

export function createResourceTypes(rules: Rules): ResourceType[] {
  return [ruleType(rules), targetType(rules), busType, busPolicy, notificationRule]
}

function ruleType(rules: Rules): ResourceType {
  return {
    type: 'aws_cloudwatch_event_rule',
    attributes: {
      name: modelled({ forceNew: true, computed: true }),
      name_prefix: modelled({ forceNew: true }),
      event_bus_name: modelled({ forceNew: true, default: 'default' }),
      event_pattern: modelled(),
      schedule_expression: inert('schedules do not run here: a declared gap'),
      state: modelled({ computed: true }),
      is_enabled: modelled(),
      description: inert('a text for people'),
      role_arn: inert('targets are reached without a role'),
      force_destroy: inert('nothing else holds a rule'),
      tags: inert('nothing selects rules by tag'),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
    },
    create: (planned, context) => putRule(rules, planned, context),
    update: (planned, prior, context) => putRule(rules, { ...prior, ...planned }, context),
    read: (prior) => (rules.rule(String(prior.id)) ? prior : undefined),
    delete: (prior) => rules.deleteRule(String(prior.id)),
  }
}

function putRule(rules: Rules, planned: Attributes, { region, accountId }: ApplyContext): Attributes {
  const bus = text(planned.event_bus_name) ?? 'default'
  const name = text(planned.name) ?? `${text(planned.name_prefix) ?? 'terraform-'}${rules.now()}`
  const id = bus === 'default' ? name : `${bus}/${name}`
  const pattern = text(planned.event_pattern)
  // Read once now, so that a wrong pattern fails the apply and not the first event.
  if (pattern !== undefined) eventPattern(pattern)
  const state = text(planned.state) ?? (planned.is_enabled === false ? 'DISABLED' : 'ENABLED')
  rules.putRule({ id, bus, name, pattern, enabled: state !== 'DISABLED' })
  return { ...planned, id, name, state, arn: `arn:aws:events:${region}:${accountId}:rule/${id}` }
}

function targetType(rules: Rules): ResourceType {
  const put = (planned: Attributes): Attributes => {
    const bus = text(planned.event_bus_name) ?? 'default'
    const name = String(planned.rule)
    const targetId = text(planned.target_id) ?? rules.newTargetId()
    const rule = bus === 'default' ? name : `${bus}/${name}`
    const id = `${rule}-${targetId}`
    const transformer = firstBlock(planned.input_transformer)
    rules.putTarget({
      id,
      rule,
      arn: String(planned.arn),
      input: text(planned.input),
      inputPath: text(planned.input_path),
      transformer: transformer && {
        paths: stringMap(transformer.input_paths),
        template: String(transformer.input_template ?? ''),
      },
    })
    return { ...planned, id, target_id: targetId, event_bus_name: bus }
  }
  return {
    type: 'aws_cloudwatch_event_target',
    attributes: {
      rule: modelled({ forceNew: true }),
      target_id: modelled({ forceNew: true, computed: true }),
      event_bus_name: modelled({ forceNew: true, default: 'default' }),
      arn: modelled(),
      input: modelled(),
      input_path: modelled(),
      input_transformer: block({ input_paths: modelled(), input_template: modelled() }, { maxItems: 1 }),
      role_arn: inert('targets are reached without a role'),
      force_destroy: inert('nothing else holds a target'),
      retry_policy: block(
        {
          maximum_event_age_in_seconds: inert('a delivery in this process does not fail'),
          maximum_retry_attempts: inert('a delivery in this process does not fail'),
        },
        { maxItems: 1 },
      ),
      dead_letter_config: block({ arn: inert('a delivery in this process does not fail') }, { maxItems: 1 }),
      id: computed(),
    },
    create: put,
    update: (planned, prior) => put({ ...prior, ...planned }),
    delete: (prior) => rules.deleteTarget(String(prior.id)),
  }
}

const busType = recordType({
  type: 'aws_cloudwatch_event_bus',
  attributes: {
    name: modelled({ forceNew: true }),
    description: inert('a text for people'),
    event_source_name: inert('there are no partner event sources here', { forceNew: true }),
    kms_key_identifier: inert('KMS keys are names here'),
    tags: inert('nothing selects buses by tag'),
    tags_all: computed(),
    arn: computed(),
    id: computed(),
  },
  compute: (planned, { region, accountId }) => ({
    id: planned.name ?? null,
    arn: `arn:aws:events:${region}:${accountId}:event-bus/${planned.name}`,
  }),
})

const busPolicy = recordType({
  type: 'aws_cloudwatch_event_bus_policy',
  attributes: {
    event_bus_name: modelled({ forceNew: true, default: 'default' }),
    policy: inert('bus policies are kept and not evaluated'),
    id: computed(),
  },
  compute: (planned) => ({ id: planned.event_bus_name ?? 'default' }),
})

const unnoticed = 'CodeStar notifications are not sent here: a declared gap'
const notificationRule = recordType({
  type: 'aws_codestarnotifications_notification_rule',
  attributes: {
    name: modelled(),
    resource: modelled({ forceNew: true }),
    detail_type: inert(unnoticed),
    event_type_ids: inert(unnoticed, { set: true }),
    status: inert(unnoticed, { default: 'ENABLED' }),
    target: block({
      address: inert(unnoticed),
      type: inert(unnoticed, { default: 'SNS' }),
      status: computed(),
    }),
    tags: inert('nothing selects notification rules by tag'),
    tags_all: computed(),
    arn: computed(),
    id: computed(),
  },
  compute(planned, { region, accountId }) {
    const arn = `arn:aws:codestar-notifications:${region}:${accountId}:notificationrule/${planned.name}`
    return { id: arn, arn }
  },
})
