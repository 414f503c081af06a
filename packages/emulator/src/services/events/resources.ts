/** Terraform's view of EventBridge and of CodeStar notifications. */
import {
  type ApplyContext,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { firstBlock, stringMap, text } from '../../terraform/type/values.ts'
import { eventPattern } from './event-pattern.ts'
import { type EventsState, ruleId } from './state.ts'

export function createResourceTypes(rules: EventsState): ResourceType[] {
  return [ruleType(rules), targetType(rules), busType(rules), busPolicy(rules), notificationRule]
}

function ruleType(rules: EventsState): ResourceType {
  return {
    type: 'aws_cloudwatch_event_rule',
    attributes: {
      name: implemented({ forceNew: true, computed: true }),
      name_prefix: implemented({ forceNew: true }),
      event_bus_name: implemented({ forceNew: true, default: 'default' }),
      event_pattern: implemented(),
      schedule_expression: ignored('schedules do not run here: a declared gap'),
      state: implemented({ computed: true }),
      is_enabled: implemented(),
      description: ignored('a text for people'),
      role_arn: ignored('targets are reached without a role'),
      force_destroy: ignored('nothing else holds a rule'),
      tags: ignored('nothing selects rules by tag'),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
    },
    create: (planned, context) => putRule(rules, planned, context),
    update: (planned, prior, context) => putRule(rules, { ...prior, ...planned }, context),
    read(prior) {
      const rule = rules.rule(String(prior.id))
      return (
        rule && {
          ...prior,
          event_pattern: rule.pattern ?? null,
          schedule_expression: rule.schedule ?? null,
          description: rule.description ?? null,
          role_arn: rule.roleArn ?? null,
          state: rule.enabled ? 'ENABLED' : 'DISABLED',
          tags_all: { ...rule.tags },
        }
      )
    },
    delete: (prior) => rules.deleteRule(String(prior.id)),
  }
}

function putRule(rules: EventsState, planned: Attributes, { region, accountId }: ApplyContext): Attributes {
  const bus = text(planned.event_bus_name) ?? 'default'
  const name = text(planned.name) ?? `${text(planned.name_prefix) ?? 'terraform-'}${rules.now()}`
  const id = ruleId(bus, name)
  const pattern = text(planned.event_pattern)
  // Read once now, so that a wrong pattern fails the apply and not the first event.
  if (pattern !== undefined) eventPattern(pattern)
  const state = text(planned.state) ?? (planned.is_enabled === false ? 'DISABLED' : 'ENABLED')
  rules.putRule({
    id,
    bus,
    name,
    pattern,
    enabled: state !== 'DISABLED',
    schedule: text(planned.schedule_expression),
    description: text(planned.description),
    roleArn: text(planned.role_arn),
    tags: stringMap(planned.tags_all ?? planned.tags),
  })
  return { ...planned, id, name, state, arn: `arn:aws:events:${region}:${accountId}:rule/${id}` }
}

function targetType(rules: EventsState): ResourceType {
  const put = (planned: Attributes): Attributes => {
    const bus = text(planned.event_bus_name) ?? 'default'
    const name = String(planned.rule)
    const targetId = text(planned.target_id) ?? rules.newTargetId()
    const rule = ruleId(bus, name)
    const id = `${rule}-${targetId}`
    const transformer = firstBlock(planned.input_transformer)
    rules.putTarget({
      id,
      rule,
      targetId,
      kept: planned.role_arn ? { RoleArn: String(planned.role_arn) } : {},
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
      rule: implemented({ forceNew: true }),
      target_id: implemented({ forceNew: true, computed: true }),
      event_bus_name: implemented({ forceNew: true, default: 'default' }),
      arn: implemented(),
      input: implemented(),
      input_path: implemented(),
      input_transformer: block(
        { input_paths: implemented(), input_template: implemented() },
        { maxItems: 1 },
      ),
      role_arn: ignored('targets are reached without a role'),
      force_destroy: ignored('nothing else holds a target'),
      retry_policy: block(
        {
          maximum_event_age_in_seconds: ignored('a delivery in this process does not fail'),
          maximum_retry_attempts: ignored('a delivery in this process does not fail'),
        },
        { maxItems: 1 },
      ),
      dead_letter_config: block(
        { arn: ignored('a delivery in this process does not fail') },
        { maxItems: 1 },
      ),
      id: computed(),
    },
    create: put,
    update: (planned, prior) => put({ ...prior, ...planned }),
    read(prior) {
      const target = rules.target(String(prior.id))
      return (
        target && {
          ...prior,
          arn: target.arn,
          input: target.input ?? null,
          input_path: target.inputPath ?? null,
        }
      )
    },
    delete: (prior) => rules.deleteTarget(String(prior.id)),
  }
}

const busType = (rules: EventsState) =>
  recordType({
    type: 'aws_cloudwatch_event_bus',
    attributes: {
      name: implemented({ forceNew: true }),
      description: ignored('a text for people'),
      event_source_name: ignored('there are no partner event sources here', { forceNew: true }),
      kms_key_identifier: ignored('KMS keys are names here'),
      tags: ignored('nothing selects buses by tag'),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
    },
    compute: (planned, { region, accountId }) => ({
      id: planned.name ?? null,
      arn: `arn:aws:events:${region}:${accountId}:event-bus/${planned.name}`,
    }),
    keep(name, bus) {
      if (bus === undefined) rules.deleteBus(name)
      else
        rules.putBus({
          ...rules.bus(name),
          name,
          description: text(bus.description),
          tags: stringMap(bus.tags_all ?? bus.tags),
        })
    },
  })

const busPolicy = (rules: EventsState) =>
  recordType({
    type: 'aws_cloudwatch_event_bus_policy',
    attributes: {
      event_bus_name: implemented({ forceNew: true, default: 'default' }),
      policy: ignored('bus policies are kept and not evaluated'),
      id: computed(),
    },
    compute: (planned) => ({ id: planned.event_bus_name ?? 'default' }),
    keep(name, kept) {
      const { policy: _before, ...bus } = rules.bus(name) ?? { name }
      rules.putBus(kept === undefined ? bus : { ...bus, policy: text(kept.policy) })
    },
  })

const unnoticed = 'CodeStar notifications are not sent here: a declared gap'
const notificationRule = recordType({
  type: 'aws_codestarnotifications_notification_rule',
  attributes: {
    name: implemented(),
    resource: implemented({ forceNew: true }),
    detail_type: ignored(unnoticed),
    event_type_ids: ignored(unnoticed, { set: true }),
    status: ignored(unnoticed, { default: 'ENABLED' }),
    target: block({
      address: ignored(unnoticed),
      type: ignored(unnoticed, { default: 'SNS' }),
      status: computed(),
    }),
    tags: ignored('nothing selects notification rules by tag'),
    tags_all: computed(),
    arn: computed(),
    id: computed(),
  },
  compute(planned, { region, accountId }) {
    const arn = `arn:aws:codestar-notifications:${region}:${accountId}:notificationrule/${planned.name}`
    return { id: arn, arn }
  },
})
