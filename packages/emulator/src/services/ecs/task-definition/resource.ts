/**
 * `aws_ecs_task_definition`: each change registers the next revision of the family and, without `skip_destroy`,
 * deregisters the previous one.
 */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs'
import type { EmulatorContext } from '../../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../../terraform/type/values.ts'
import type { EcsState } from '../model/state.ts'
import { lastPart } from '../model/state.ts'
import { tagList } from '../model/tag-list.ts'
import { sameContainers } from './same-containers.ts'
import { deregisterTaskDefinition, registerTaskDefinition } from './task-definitions.ts'

const replaced = { forceNew: true }

export function taskDefinitionType(context: EmulatorContext, state: EcsState): ResourceType {
  return {
    type: 'aws_ecs_task_definition',
    attributes: {
      id: computed(),
      arn: computed(),
      arn_without_revision: computed(),
      revision: computed(),
      family: implemented(replaced),
      container_definitions: implemented({ ...replaced, equivalent: sameContainers }),
      cpu: implemented(replaced),
      memory: implemented(replaced),
      network_mode: implemented({ ...replaced, computed: true }),
      execution_role_arn: implemented(replaced),
      task_role_arn: implemented(replaced),
      requires_compatibilities: implemented({ ...replaced, set: true }),
      enable_fault_injection: ignored('the emulator has no fault injection endpoint', {
        computed: true,
        ...replaced,
      }),
      ipc_mode: ignored('a process shares the host anyway', replaced),
      pid_mode: ignored('a process shares the host anyway', replaced),
      runtime_platform: block(
        {
          cpu_architecture: ignored('application layers run on this machine’s architecture'),
          operating_system_family: ignored('application layers run on this machine'),
        },
        replaced,
      ),
      ephemeral_storage: block({ size_in_gib: ignored('the disk of this machine is used') }, replaced),
      volume: block(
        {
          name: implemented(),
          host_path: ignored('each task has its own directory'),
          configure_at_launch: ignored('the emulator has no EBS volumes'),
          efs_volume_configuration: block({
            file_system_id: implemented(),
            root_directory: implemented({ default: '/' }),
            transit_encryption: ignored('the file system is a directory'),
            transit_encryption_port: ignored('the file system is a directory'),
            authorization_config: block({
              access_point_id: implemented(),
              iam: ignored('policies are not evaluated'),
            }),
          }),
        },
        { ...replaced, set: true },
      ),
      placement_constraints: block(
        { type: ignored('there is one machine'), expression: ignored('there is one machine') },
        replaced,
      ),
      skip_destroy: implemented({ default: false }),
      track_latest: implemented({ default: false }),
      tags: implemented(),
    },
    create(planned) {
      const definition = registerTaskDefinition(
        context,
        state,
        inputOf(planned),
        `arn:aws:iam::${context.accountId}:root`,
      )
      return {
        ...planned,
        id: definition.family,
        arn: definition.arn,
        arn_without_revision: definition.arn.replace(/:\d+$/, ''),
        revision: definition.revision,
        network_mode: definition.input.networkMode ?? 'bridge',
        enable_fault_injection: planned.enable_fault_injection ?? false,
      }
    },
    read(prior) {
      const definition =
        prior.track_latest === true
          ? state.findTaskDefinition(String(prior.family))
          : state.findTaskDefinition(String(prior.arn))
      if (definition?.status !== 'ACTIVE') return undefined
      return { ...prior, arn: definition.arn, revision: definition.revision }
    },
    update(planned, prior) {
      const definition = state.taskDefinition(String(prior.arn))
      const input = { ...definition.input, tags: tagList(planned.tags) }
      state.taskDefinitions.put(lastPart(definition.arn), { ...definition, input })
      return { ...prior, ...planned }
    },
    delete(prior) {
      if (prior.skip_destroy === true) return
      const definition = state.findTaskDefinition(String(prior.arn))
      if (definition?.status === 'ACTIVE') deregisterTaskDefinition(context, state, definition)
    },
  }
}

function inputOf(planned: Attributes): RegisterTaskDefinitionCommandInput {
  const text = (value: unknown) => (value === null || value === undefined ? undefined : String(value))
  return {
    family: String(planned.family),
    containerDefinitions: JSON.parse(String(planned.container_definitions)) as ContainerDefinition[],
    cpu: text(planned.cpu),
    memory: text(planned.memory),
    networkMode: text(planned.network_mode) as 'awsvpc' | undefined,
    executionRoleArn: text(planned.execution_role_arn),
    taskRoleArn: text(planned.task_role_arn),
    requiresCompatibilities: stringList(planned.requires_compatibilities) as 'FARGATE'[],
    runtimePlatform: runtimePlatformOf(planned),
    volumes: blocks(planned.volume).map(volumeOf),
    tags: tagList(planned.tags),
  }
}

function runtimePlatformOf(planned: Attributes): RegisterTaskDefinitionCommandInput['runtimePlatform'] {
  const [platform] = blocks(planned.runtime_platform)
  if (!platform) return undefined
  return {
    cpuArchitecture: (platform.cpu_architecture ?? undefined) as 'ARM64' | undefined,
    operatingSystemFamily: (platform.operating_system_family ?? undefined) as 'LINUX' | undefined,
  }
}

function volumeOf(volume: Attributes): Volume {
  const [efs] = blocks(volume.efs_volume_configuration)
  const name = String(volume.name)
  if (!efs) return { name, host: {} }
  const [authorization] = blocks(efs.authorization_config)
  return {
    name,
    efsVolumeConfiguration: {
      fileSystemId: String(efs.file_system_id),
      rootDirectory: String(efs.root_directory ?? '/'),
      transitEncryption: (efs.transit_encryption ?? 'DISABLED') as 'ENABLED',
      ...(authorization
        ? {
            authorizationConfig: {
              ...(authorization.access_point_id
                ? { accessPointId: String(authorization.access_point_id) }
                : {}),
              iam: (authorization.iam ?? 'DISABLED') as 'ENABLED',
            },
          }
        : {}),
    },
  }
}
