/** Rules and their targets. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
import type * as sdk from '@aws-sdk/client-eventbridge'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import { invalidPattern, noSuchBus, noSuchRule } from './errors.ts'
import { eventPattern } from './event-pattern.ts'
import { type EventsState, type Rule, type RuleTarget, ruleId, type Tags } from './state.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const TARGETS_MAX = 5

/** A bus by its name or ARN. */
export const busName = (nameOrArn: string | undefined): string =>
  nameOrArn?.startsWith('arn:')
    ? nameOrArn.slice(nameOrArn.indexOf('event-bus/') + 'event-bus/'.length)
    : (nameOrArn ?? 'default')

export function createRuleOperations(state: EventsState) {
  const bus = (nameOrArn: string | undefined): string => {
    const name = busName(nameOrArn)
    if (state.bus(name) === undefined) throw noSuchBus(name)
    return name
  }
  const find = (name = '', onBus?: string): Rule => {
    const rule = state.rule(ruleId(bus(onBus), name))
    if (rule === undefined) throw noSuchRule(name, busName(onBus))
    return rule
  }
  const out = (rule: Rule) => ({
    Name: rule.name,
    Arn: state.arnOf(rule.id),
    EventBusName: rule.bus,
    State: rule.enabled ? ('ENABLED' as const) : ('DISABLED' as const),
    ...(rule.pattern === undefined ? {} : { EventPattern: rule.pattern }),
    ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.roleArn === undefined ? {} : { RoleArn: rule.roleArn }),
  })
  const tagged = (arn = '', change: (tags: Tags) => Tags): Tags => {
    const resource = arn.split(':').slice(5).join(':')
    if (resource.startsWith('rule/')) {
      const rule = state.rule(resource.slice('rule/'.length))
      if (rule === undefined) throw noSuchRule(resource.slice('rule/'.length), 'default')
      const tags = change(rule.tags ?? {})
      state.putRule({ ...rule, tags })
      return tags
    }
    const found = state.bus(busName(arn))
    if (found === undefined) throw noSuchBus(busName(arn))
    const tags = change(found.tags ?? {})
    state.putBus({ ...found, tags })
    return tags
  }
  return {
    PutRule({ Name = '', EventBusName, EventPattern, ScheduleExpression, ...given }) {
      const onBus = bus(EventBusName)
      if (EventPattern === undefined && ScheduleExpression === undefined)
        throw new AwsError(
          'ValidationException',
          'Parameter(s) EventPattern or ScheduleExpression must be specified.',
        )
      if (EventPattern !== undefined) checkPattern(EventPattern)
      const id = ruleId(onBus, Name)
      const before = state.rule(id)
      state.putRule({
        id,
        bus: onBus,
        name: Name,
        pattern: EventPattern,
        enabled: given.State !== 'DISABLED',
        schedule: ScheduleExpression,
        description: given.Description,
        roleArn: given.RoleArn,
        // Tags of a rule that is there already are left alone (API_PutRule).
        tags: before?.tags ?? tagMap(given.Tags),
      })
      return { RuleArn: state.arnOf(id) }
    },
    DescribeRule: ({ Name, EventBusName }) => out(find(Name, EventBusName)),
    ListRules({ NamePrefix = '', EventBusName }) {
      const onBus = bus(EventBusName)
      return {
        Rules: state
          .rules()
          .filter((rule) => rule.bus === onBus && rule.name.startsWith(NamePrefix))
          .map(out),
      }
    },
    DeleteRule({ Name = '', EventBusName }) {
      const rule = state.rule(ruleId(bus(EventBusName), Name))
      if (rule === undefined) return {}
      if (state.targetsOf(rule.id).length > 0)
        throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.")
      state.deleteRule(rule.id)
      return {}
    },
    EnableRule({ Name, EventBusName }) {
      state.putRule({ ...find(Name, EventBusName), enabled: true })
      return {}
    },
    DisableRule({ Name, EventBusName }) {
      state.putRule({ ...find(Name, EventBusName), enabled: false })
      return {}
    },
    PutTargets({ Rule: name, EventBusName, Targets = [] }) {
      const rule = find(name, EventBusName)
      const ids = new Set([...state.targetsOf(rule.id).map(idOf), ...Targets.map(({ Id }) => Id ?? '')])
      if (ids.size > TARGETS_MAX)
        throw new AwsError(
          'LimitExceededException',
          'The requested resource exceeds the maximum number allowed.',
        )
      for (const target of Targets) state.putTarget(targetIn(rule.id, target))
      return { FailedEntryCount: 0, FailedEntries: [] }
    },
    ListTargetsByRule: ({ Rule: name, EventBusName }) => ({
      Targets: state.targetsOf(find(name, EventBusName).id).map(targetOut),
    }),
    RemoveTargets({ Rule: name, EventBusName, Ids = [] }) {
      const rule = find(name, EventBusName)
      const known = new Map(state.targetsOf(rule.id).map((target) => [idOf(target), target]))
      const missing = Ids.filter((id) => !known.has(id))
      for (const id of Ids) {
        const target = known.get(id)
        if (target !== undefined) state.deleteTarget(target.id)
      }
      return {
        FailedEntryCount: missing.length,
        FailedEntries: missing.map((TargetId) => ({
          TargetId,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Target ${TargetId} does not exist on the rule.`,
        })),
      }
    },
    ListRuleNamesByTarget({ TargetArn, EventBusName }) {
      const onBus = bus(EventBusName)
      const rules = state
        .rules()
        .filter(({ id, bus: of }) => of === onBus && state.targetsOf(id).some(({ arn }) => arn === TargetArn))
      return { RuleNames: rules.map(({ name }) => name) }
    },
    TestEventPattern({ EventPattern = '', Event = '' }) {
      checkPattern(EventPattern)
      return { Result: eventPattern(EventPattern)(JSON.parse(Event)) }
    },
    ListTagsForResource: ({ ResourceARN }) => ({
      Tags: Object.entries(tagged(ResourceARN, (tags) => tags)).map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource({ ResourceARN, Tags }) {
      tagged(ResourceARN, (tags) => ({ ...tags, ...tagMap(Tags) }))
      return {}
    },
    UntagResource({ ResourceARN, TagKeys = [] }) {
      tagged(ResourceARN, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
      )
      return {}
    },
  } satisfies Operations<typeof sdk>
}

export const tagMap = (tags: readonly sdk.Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

function checkPattern(pattern: string): void {
  try {
    eventPattern(pattern)
  } catch (error) {
    throw invalidPattern(error instanceof Error ? error.message : String(error))
  }
}

/** A target that was written before its id was kept has it at the end of its document's id. */
const idOf = ({ id, rule, targetId }: RuleTarget): string => targetId ?? id.slice(rule.length + 1)

function targetIn(rule: string, given: sdk.Target): RuleTarget {
  const { Id = '', Arn = '', Input, InputPath, InputTransformer, ...kept } = given
  return {
    id: `${rule}-${Id}`,
    rule,
    targetId: Id,
    arn: Arn,
    input: Input,
    inputPath: InputPath,
    transformer: InputTransformer && {
      paths: InputTransformer.InputPathsMap ?? {},
      template: InputTransformer.InputTemplate ?? '',
    },
    kept,
  }
}

function targetOut(target: RuleTarget): sdk.Target {
  const { arn, input, inputPath, transformer, kept } = target
  return {
    ...(kept as Partial<sdk.Target> | undefined),
    Id: idOf(target),
    Arn: arn,
    ...(input === undefined ? {} : { Input: input }),
    ...(inputPath === undefined ? {} : { InputPath: inputPath }),
    ...(transformer === undefined
      ? {}
      : {
          InputTransformer: { InputPathsMap: { ...transformer.paths }, InputTemplate: transformer.template },
        }),
  }
}
