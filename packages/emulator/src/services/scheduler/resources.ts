/** Terraform's view of EventBridge Scheduler. AWS provider's documentation, aws_scheduler_schedule */
import type { Target } from '@aws-sdk/client-scheduler'
import type { EmulatorContext } from '../../service.ts'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { blocks, firstBlock, number, stringList, stringMap, text } from '../../terraform/type/values.ts'
import { defaultGroup, type Schedule, scheduleKey } from './model/model.ts'
import type { SchedulerState } from './model/state.ts'
import { checkName, scheduleDefinition } from './schedule/definition.ts'
import type { Timetable } from './schedule/timetable.ts'

const one = { maxItems: 1 }
const noPlacement = 'Fargate has no placement: RunTask refuses it'

const ecsParameters: AttributeSpecs = {
  task_definition_arn: implemented(),
  task_count: implemented({ default: 1 }),
  launch_type: implemented(),
  platform_version: implemented(),
  group: implemented(),
  enable_ecs_managed_tags: implemented(),
  enable_execute_command: implemented(),
  propagate_tags: implemented(),
  reference_id: implemented(),
  tags: implemented(),
  network_configuration: block(
    {
      subnets: implemented({ set: true }),
      security_groups: implemented({ set: true }),
      assign_public_ip: implemented(),
    },
    one,
  ),
  capacity_provider_strategy: block(
    { base: implemented(), capacity_provider: implemented(), weight: implemented() },
    { set: true },
  ),
  placement_constraints: block(
    { expression: ignored(noPlacement), type: ignored(noPlacement) },
    { set: true },
  ),
  placement_strategy: block({ field: ignored(noPlacement), type: ignored(noPlacement) }, { set: true }),
}

const target: AttributeSpecs = {
  arn: implemented(),
  role_arn: implemented(),
  input: implemented(),
  ecs_parameters: block(ecsParameters, one),
  retry_policy: block(
    {
      maximum_event_age_in_seconds: implemented({ default: 86_400 }),
      maximum_retry_attempts: implemented({ default: 185 }),
    },
    one,
  ),
  dead_letter_config: block(
    { arn: ignored('there is no SQS here: what is dropped is named in an event') },
    one,
  ),
}

export function createResourceTypes(
  { ids }: EmulatorContext,
  state: SchedulerState,
  timetable: Timetable,
  canAssume: (roleArn: string) => boolean,
): ResourceType[] {
  const named = (planned: Attributes) =>
    text(planned.name) ?? `${text(planned.name_prefix) ?? 'terraform-'}${ids.hex('', 26)}`
  return [scheduleType(state, timetable, canAssume, named), groupType(state, timetable, named)]
}

function scheduleType(
  state: SchedulerState,
  timetable: Timetable,
  canAssume: (roleArn: string) => boolean,
  named: (planned: Attributes) => string,
): ResourceType {
  const find = (id: Value | undefined) => state.schedules.get(String(id))
  return {
    type: 'aws_scheduler_schedule',
    attributes: {
      name: implemented({ forceNew: true, computed: true }),
      name_prefix: implemented({ forceNew: true, computed: true }),
      group_name: implemented({ forceNew: true, computed: true }),
      schedule_expression: implemented(),
      schedule_expression_timezone: implemented({ default: 'UTC' }),
      start_date: implemented(),
      end_date: implemented(),
      state: implemented({ default: 'ENABLED' }),
      action_after_completion: implemented({ computed: true }),
      description: implemented(),
      kms_key_arn: ignored('KMS keys are names here'),
      flexible_time_window: block({ mode: implemented(), maximum_window_in_minutes: implemented() }, one),
      target: block(target, one),
      arn: computed(),
      id: computed(),
    },
    create(planned) {
      const group = text(planned.group_name) ?? defaultGroup
      const name = checkName(named(planned), 'name')
      const created = state.create(group, name, scheduleDefinition(inputOf(planned), canAssume))
      timetable.changed()
      return { ...planned, ...present(created), name_prefix: planned.name_prefix ?? '' }
    },
    update(planned, prior) {
      const existing = find(prior.id)
      if (!existing) throw new Error(`the schedule ${prior.id} no longer exists: apply again to create it`)
      const updated = state.update(existing, scheduleDefinition(inputOf(planned), canAssume))
      timetable.changed()
      return { ...prior, ...planned, ...present(updated) }
    },
    read(prior) {
      const found = find(prior.id)
      return found && { ...prior, ...present(found) }
    },
    import: (id) => {
      const found = find(id)
      return found && present(found)
    },
    delete(prior) {
      if (state.schedules.delete(String(prior.id))) timetable.changed()
    },
  }
}

function groupType(
  state: SchedulerState,
  timetable: Timetable,
  named: (planned: Attributes) => string,
): ResourceType {
  const find = (id: Value | undefined) => state.groups().find(({ name }) => name === id)
  const shown = (name: string): Attributes => {
    const group = state.group(name)
    return {
      id: name,
      name,
      arn: group.arn,
      state: 'ACTIVE',
      creation_date: new Date(group.createdAt).toISOString(),
      last_modification_date: new Date(group.modifiedAt).toISOString(),
    }
  }
  return {
    type: 'aws_scheduler_schedule_group',
    attributes: {
      name: implemented({ forceNew: true, computed: true }),
      name_prefix: implemented({ forceNew: true, computed: true }),
      tags: implemented(),
      tags_all: computed(),
      arn: computed(),
      state: computed(),
      creation_date: computed(),
      last_modification_date: computed(),
      id: computed(),
    },
    create(planned) {
      const name = checkName(named(planned), 'name')
      state.createGroup(name, stringMap(planned.tags_all ?? planned.tags))
      return { ...planned, ...shown(name), name_prefix: planned.name_prefix ?? '' }
    },
    update(planned, prior) {
      const group = state.group(String(prior.id))
      state.saveGroup({ ...group, tags: stringMap(planned.tags_all ?? planned.tags) })
      return { ...prior, ...planned }
    },
    read: (prior) => (find(prior.id) ? { ...prior, ...shown(String(prior.id)) } : undefined),
    import: (id) => (find(id) ? { ...shown(id), tags_all: { ...state.group(id).tags } } : undefined),
    delete(prior) {
      if (!find(prior.id)) return
      state.deleteGroup(String(prior.id))
      timetable.changed()
    },
  }
}

type Input = Parameters<typeof scheduleDefinition>[0]

function inputOf(planned: Attributes): Input {
  const window = firstBlock(planned.flexible_time_window)
  return {
    ScheduleExpression: text(planned.schedule_expression),
    ScheduleExpressionTimezone: text(planned.schedule_expression_timezone),
    StartDate: date(planned.start_date, 'start_date'),
    EndDate: date(planned.end_date, 'end_date'),
    State: text(planned.state) as Input['State'],
    ActionAfterCompletion: text(planned.action_after_completion) as Input['ActionAfterCompletion'],
    Description: text(planned.description),
    KmsKeyArn: text(planned.kms_key_arn),
    FlexibleTimeWindow: {
      Mode: text(window?.mode) as 'OFF',
      MaximumWindowInMinutes: number(window?.maximum_window_in_minutes),
    },
    Target: targetOf(firstBlock(planned.target) ?? {}),
  }
}

function targetOf(planned: Attributes): Target {
  const ecs = firstBlock(planned.ecs_parameters)
  const retry = firstBlock(planned.retry_policy)
  const deadLetters = text(firstBlock(planned.dead_letter_config)?.arn)
  return given({
    Arn: text(planned.arn),
    RoleArn: text(planned.role_arn),
    Input: text(planned.input),
    EcsParameters: ecs && ecsOf(ecs),
    RetryPolicy: retry && {
      MaximumEventAgeInSeconds: number(retry.maximum_event_age_in_seconds),
      MaximumRetryAttempts: number(retry.maximum_retry_attempts),
    },
    DeadLetterConfig: deadLetters === undefined ? undefined : { Arn: deadLetters },
  }) as unknown as Target
}

function ecsOf(planned: Attributes): Target['EcsParameters'] {
  const network = firstBlock(planned.network_configuration)
  const strategy = blocks(planned.capacity_provider_strategy)
  const tags = Object.entries(stringMap(planned.tags))
  return given({
    TaskDefinitionArn: text(planned.task_definition_arn),
    TaskCount: number(planned.task_count),
    LaunchType: text(planned.launch_type),
    PlatformVersion: text(planned.platform_version),
    Group: text(planned.group),
    EnableECSManagedTags: planned.enable_ecs_managed_tags === true ? true : undefined,
    EnableExecuteCommand: planned.enable_execute_command === true ? true : undefined,
    PropagateTags: text(planned.propagate_tags),
    ReferenceId: text(planned.reference_id),
    Tags: tags.length === 0 ? undefined : tags.map(([Key, Value]) => ({ Key, Value })),
    NetworkConfiguration: network && {
      awsvpcConfiguration: {
        Subnets: stringList(network.subnets),
        SecurityGroups: stringList(network.security_groups),
        // The provider says it as true and false.
        AssignPublicIp: network.assign_public_ip === true ? 'ENABLED' : 'DISABLED',
      },
    },
    CapacityProviderStrategy:
      strategy.length === 0
        ? undefined
        : strategy.map((item) => ({
            capacityProvider: text(item.capacity_provider),
            weight: number(item.weight),
            base: number(item.base),
          })),
  }) as unknown as Target['EcsParameters']
}

/** What a schedule is now: what changed it outside of Terraform shows up as a difference. */
function present(schedule: Schedule): Attributes {
  return {
    id: scheduleKey(schedule.group, schedule.name),
    name: schedule.name,
    group_name: schedule.group,
    arn: schedule.arn,
    schedule_expression: schedule.expression,
    schedule_expression_timezone: schedule.zone,
    state: schedule.state,
    action_after_completion: schedule.actionAfterCompletion,
    description: schedule.description ?? '',
  }
}

function date(value: Value | undefined, attribute: string): Date | undefined {
  const written = text(value)
  if (written === undefined) return undefined
  const read = new Date(written)
  if (Number.isNaN(read.getTime()))
    throw new Error(`${attribute}: "${written}" is no time; write it as 2030-01-01T01:00:00Z`)
  return read
}

const given = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
