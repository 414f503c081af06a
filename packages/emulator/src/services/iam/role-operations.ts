/** Roles, their inline and attached policies, service-linked roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
import type * as sdk from '@aws-sdk/client-iam'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { doorOf } from '../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../terraform/type/resource-type.ts'
import { deleteConflict, noSuchEntity } from './errors.ts'
import { rolePoliciesNow } from './role-policies.ts'
import type { IamState } from './state.ts'
import { dateOf, encodedPolicy, tagged, tagsIn, tagsOut, untagged } from './wire.ts'

export function createRoleOperations(
  emulator: EmulatorContext,
  state: IamState,
  types: readonly ResourceType[],
) {
  const { roles, rolePolicies, attachments, serviceLinkedRoles, instanceProfiles } = state
  const all = () => [...roles.values(), ...serviceLinkedRoles.values()]
  const find = (name = ''): Attributes => {
    const role = all().find((one) => one.name === name)
    if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`)
    return role
  }
  const own = (name = ''): Attributes => {
    const role = find(name)
    if (!roles.has(name))
      throw new AwsError(
        'UnmodifiableEntity',
        `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
      )
    return role
  }
  const door = doorOf(emulator, types, 'aws_iam_role', (name) => ({
    ...own(name),
    ...rolePoliciesNow(state, own(name)),
  }))
  const policyDoor = doorOf(emulator, types, 'aws_iam_role_policy', (id) => rolePolicies.get(id) ?? {})
  const attachmentDoor = doorOf(
    emulator,
    types,
    'aws_iam_role_policy_attachment',
    (id) => attachments.get(id) ?? {},
  )
  const linkedDoor = doorOf(
    emulator,
    types,
    'aws_iam_service_linked_role',
    (id) => serviceLinkedRoles.get(id) ?? {},
  )
  const change = (name: string | undefined, what: Attributes) =>
    void door.change(String(own(name).name), what)
  const inline = (role: string, name: string) => {
    const policy = rolePolicies.get(`${role}:${name}`)
    if (policy === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`)
    return policy
  }
  const attached = (role: unknown) => attachments.values().filter((one) => one.role === role)
  const inlineOf = (role: unknown) => rolePolicies.values().filter((one) => one.role === role)
  const put = (role: Attributes) =>
    (roles.has(String(role.id)) ? roles : serviceLinkedRoles).put(String(role.id), role)

  return {
    CreateRole(input) {
      const role = door.create({
        name: input.RoleName ?? null,
        assume_role_policy: input.AssumeRolePolicyDocument ?? null,
        path: input.Path ?? '/',
        description: input.Description ?? null,
        max_session_duration: input.MaxSessionDuration ?? 3600,
        permissions_boundary: input.PermissionsBoundary ?? null,
        ...tagsIn(input.Tags),
      })
      return { Role: roleOut(role) }
    },
    GetRole: ({ RoleName }) => ({ Role: roleOut(find(RoleName)) }),
    ListRoles({ PathPrefix = '/' }) {
      const found = all().filter(({ path }) => String(path).startsWith(PathPrefix))
      return { Roles: found.map(roleOut), IsTruncated: false }
    },
    UpdateRole({ RoleName, Description, MaxSessionDuration }) {
      const linked = serviceLinkedRoles.values().find((one) => one.name === RoleName)
      if (linked !== undefined) put({ ...linked, description: Description ?? null })
      else
        change(RoleName, {
          description: Description ?? null,
          ...(MaxSessionDuration === undefined ? {} : { max_session_duration: MaxSessionDuration }),
        })
      return {}
    },
    UpdateRoleDescription({ RoleName, Description }) {
      change(RoleName, { description: Description ?? null })
      return { Role: roleOut(find(RoleName)) }
    },
    UpdateAssumeRolePolicy({ RoleName, PolicyDocument }) {
      change(RoleName, { assume_role_policy: PolicyDocument ?? null })
      return {}
    },
    PutRolePermissionsBoundary({ RoleName, PermissionsBoundary }) {
      change(RoleName, { permissions_boundary: PermissionsBoundary ?? null })
      return {}
    },
    DeleteRolePermissionsBoundary({ RoleName }) {
      change(RoleName, { permissions_boundary: null })
      return {}
    },
    DeleteRole({ RoleName = '' }) {
      own(RoleName)
      if (attached(RoleName).length > 0) throw deleteConflict('detach all policies first.')
      if (inlineOf(RoleName).length > 0) throw deleteConflict('delete policies first.')
      if (instanceProfiles.values().some(({ role }) => role === RoleName))
        throw deleteConflict('remove roles from instance profile first.')
      door.delete(RoleName)
      return {}
    },
    PutRolePolicy({ RoleName = '', PolicyName = '', PolicyDocument }) {
      own(RoleName)
      const id = `${RoleName}:${PolicyName}`
      const given = { role: RoleName, name: PolicyName, policy: PolicyDocument ?? null }
      if (rolePolicies.has(id)) policyDoor.change(id, given)
      else policyDoor.create(given)
      return {}
    },
    GetRolePolicy({ RoleName = '', PolicyName = '' }) {
      find(RoleName)
      const { policy } = inline(RoleName, PolicyName)
      return { RoleName, PolicyName, PolicyDocument: encodedPolicy(policy) }
    },
    DeleteRolePolicy({ RoleName = '', PolicyName = '' }) {
      policyDoor.delete(String(inline(String(find(RoleName).name), PolicyName).id))
      return {}
    },
    ListRolePolicies({ RoleName }) {
      find(RoleName)
      return { PolicyNames: inlineOf(RoleName).map(({ name }) => String(name)), IsTruncated: false }
    },
    AttachRolePolicy({ RoleName = '', PolicyArn = '' }) {
      own(RoleName)
      // Attaching twice is no mistake: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
      if (!attachments.has(`${RoleName}/${PolicyArn}`))
        attachmentDoor.create({ role: RoleName, policy_arn: PolicyArn })
      return {}
    },
    DetachRolePolicy({ RoleName = '', PolicyArn = '' }) {
      own(RoleName)
      if (!attachments.has(`${RoleName}/${PolicyArn}`))
        throw noSuchEntity(`Policy ${PolicyArn} was not found.`)
      attachmentDoor.delete(`${RoleName}/${PolicyArn}`)
      return {}
    },
    ListAttachedRolePolicies({ RoleName }) {
      find(RoleName)
      return {
        AttachedPolicies: attached(RoleName).map(({ policy_arn }) => ({
          PolicyArn: String(policy_arn),
          PolicyName: String(policy_arn).split('/').at(-1) ?? '',
        })),
        IsTruncated: false,
      }
    },
    TagRole({ RoleName, Tags }) {
      put(tagged(find(RoleName), Tags))
      return {}
    },
    UntagRole({ RoleName, TagKeys }) {
      put(untagged(find(RoleName), TagKeys))
      return {}
    },
    ListRoleTags: ({ RoleName }) => ({ Tags: tagsOut(find(RoleName)), IsTruncated: false }),
    CreateServiceLinkedRole({ AWSServiceName = '', Description, CustomSuffix }) {
      const role = linkedDoor.create({
        aws_service_name: AWSServiceName,
        custom_suffix: CustomSuffix ?? null,
        description: Description ?? null,
        ...tagsIn([]),
      })
      return { Role: roleOut(role) }
    },
    DeleteServiceLinkedRole({ RoleName = '' }) {
      const role = serviceLinkedRoles.values().find(({ name }) => name === RoleName)
      if (role === undefined) throw noSuchEntity(`The role with name ${RoleName} cannot be found.`)
      linkedDoor.delete(String(role.id))
      return { DeletionTaskId: `task${role.path}${RoleName}/${emulator.ids.uuid()}` }
    },
    GetServiceLinkedRoleDeletionStatus: () => ({ Status: 'SUCCEEDED' }),
  } satisfies Operations<typeof sdk>
}

export function roleOut(role: Attributes): sdk.Role {
  const boundary = role.permissions_boundary
  return {
    RoleName: String(role.name),
    RoleId: String(role.unique_id),
    Arn: String(role.arn),
    Path: String(role.path),
    CreateDate: dateOf(role),
    AssumeRolePolicyDocument: encodedPolicy(role.assume_role_policy),
    ...(role.description ? { Description: String(role.description) } : {}),
    MaxSessionDuration: Number(role.max_session_duration ?? 3600),
    ...(boundary
      ? {
          PermissionsBoundary: {
            PermissionsBoundaryArn: String(boundary),
            PermissionsBoundaryType: 'Policy' as sdk.PermissionsBoundaryAttachmentType,
          },
        }
      : {}),
    Tags: tagsOut(role),
    RoleLastUsed: {},
  }
}
