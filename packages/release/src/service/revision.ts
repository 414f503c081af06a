/**
 * A revision is made from the template that Terraform owns: its newest revision, with the image's digest put in,
 * registered in the family that runs. So a change of memory reaches production by apply and then release, and a
 * plan after a release is empty.
 */
import {
  ClientException,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import type { Clients } from '../aws/clients.ts'
import { ReleaseError } from '../release-error.ts'

/** Tags on a revision, by which `status` knows what runs. */
export const versionTag = 'baton:version'
export const templateTag = 'baton:template'

export interface Revision {
  readonly arn: string
  readonly family: string
  readonly revision: number
  /** ARN of the template's revision it was made from. */
  readonly template: string
}

export interface RevisionRequest {
  readonly templateFamily: string
  readonly family: string
  /** References by digest, by the container's name. Other containers of the template stay as they are. */
  readonly images: Readonly<Record<string, string>>
  /** What people call this release: `v2`, a commit. */
  readonly version: string
}

/** Throws `template-missing` or `container-missing` when Terraform and the manifest do not fit together. */
export async function registerRevision(clients: Clients, request: RevisionRequest): Promise<Revision> {
  const template = await newestTemplate(clients, request.templateFamily)
  const containers = template.containerDefinitions ?? []
  const images = new Map(Object.entries(request.images))
  const missing = [...images.keys()].find((name) => !containers.some((container) => container.name === name))
  if (missing !== undefined) {
    throw new ReleaseError(
      'container-missing',
      `The template ${request.templateFamily} has no container ${missing}; it has ${containers.map((container) => container.name).join(', ') || 'none'}.`,
      'Apply the platform again: template and manifest come from the same Terraform.',
    )
  }
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      ...registrable(template),
      family: request.family,
      containerDefinitions: containers.map((container) => {
        const image = images.get(container.name ?? '')
        return image === undefined ? container : { ...container, image }
      }),
      tags: [
        { key: versionTag, value: request.version },
        { key: templateTag, value: `${template.family}:${template.revision}` },
      ],
    }),
  )
  return {
    arn: taskDefinition?.taskDefinitionArn ?? '',
    family: request.family,
    revision: taskDefinition?.revision ?? 0,
    template: template.taskDefinitionArn ?? '',
  }
}

/** The newest revision that Terraform made. Throws `template-missing`. */
export async function newestTemplate(clients: Clients, family: string): Promise<TaskDefinition> {
  try {
    const { taskDefinition } = await clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: family }),
    )
    if (taskDefinition) return taskDefinition
    throw new ClientException({ message: 'no task definition in the answer', $metadata: {} })
  } catch (cause) {
    // ECS's answer for an unknown family. A missing sign-in or permission is another matter.
    if (!(cause instanceof ClientException)) throw cause
    throw new ReleaseError(
      'template-missing',
      `The task definition family ${family} has no active revision.`,
      'Apply the platform first: Terraform owns the template.',
      { cause },
    )
  }
}

/** Fields that only a description has are dropped; a registration gets all others. */
function registrable(
  template: TaskDefinition,
): Omit<RegisterTaskDefinitionCommandInput, 'family' | 'containerDefinitions'> {
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _registeredAt,
    registeredBy: _registeredBy,
    deregisteredAt: _deregisteredAt,
    deleteRequestedAt: _deleteRequestedAt,
    containerDefinitions: _containers,
    family: _family,
    ...rest
  } = template
  return rest
}
