/**
 * The RunTask that a schedule makes.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */
import type { RunTaskCommandInput, TaskOverride } from '@aws-sdk/client-ecs'
import type { EcsParameters } from '@aws-sdk/client-scheduler'
import { isObject, type JsonObject, parseJson } from '../../../json-object.ts'
import type { Invocation } from '../model/model.ts'

/** ECS takes 36 characters, and the prefix is AWS's. */
const startedBy = ({ name }: Invocation) => `chronos-schedule/${name}`.slice(0, 36)

/** For a target that is a cluster; `input` holds the overrides. */
export function templatedRunTask(
  invocation: Invocation,
  parameters: EcsParameters,
  input: string | undefined,
): RunTaskCommandInput {
  const network = parameters.NetworkConfiguration?.awsvpcConfiguration
  const overrides = input === undefined ? undefined : parseJson(input)
  return {
    cluster: invocation.target.Arn,
    taskDefinition: parameters.TaskDefinitionArn,
    count: parameters.TaskCount ?? 1,
    startedBy: startedBy(invocation),
    // Repeated after a restart of the emulator, it starts no second task.
    clientToken: invocation.id,
    ...given({
      launchType: parameters.LaunchType,
      platformVersion: parameters.PlatformVersion,
      group: parameters.Group,
      enableECSManagedTags: parameters.EnableECSManagedTags,
      enableExecuteCommand: parameters.EnableExecuteCommand,
      propagateTags: parameters.PropagateTags,
      referenceId: parameters.ReferenceId,
      placementConstraints: parameters.PlacementConstraints,
      placementStrategy: parameters.PlacementStrategy,
      capacityProviderStrategy: parameters.CapacityProviderStrategy,
      tags: parameters.Tags?.map((tag) => ({ key: tag.key ?? tag.Key, value: tag.value ?? tag.Value })),
      overrides: isObject(overrides) ? (overrides as TaskOverride) : undefined,
      networkConfiguration: network && {
        awsvpcConfiguration: {
          subnets: network.Subnets,
          ...given({ securityGroups: network.SecurityGroups, assignPublicIp: network.AssignPublicIp }),
        },
      },
    }),
  }
}

/** For the universal target: its input has RunTask's own members, in AWS's capitals or in those of the API. */
export function universalRunTask(invocation: Invocation, input: string): RunTaskCommandInput {
  const members = lowerMembers(parseJson(input)) as JsonObject
  return {
    startedBy: startedBy(invocation),
    clientToken: invocation.id,
    taskDefinition: undefined,
    ...(members as Partial<RunTaskCommandInput>),
  }
}

function lowerMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerMembers)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name === 'EnableECSManagedTags' ? 'enableECSManagedTags' : name.charAt(0).toLowerCase() + name.slice(1),
      lowerMembers(member),
    ]),
  )
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

const given = <T extends object>(members: T): Given<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>
