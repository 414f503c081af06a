/** Managed policies and their versions. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html */
import type * as sdk from '@aws-sdk/client-iam'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { doorOf } from '../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../terraform/type/resource-type.ts'
import { stringMap } from '../../terraform/type/values.ts'
import { deleteConflict, noSuchEntity } from './errors.ts'
import type { IamState } from './state.ts'
import { encodedPolicy, tagged, tagsIn, tagsOut, untagged } from './wire.ts'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const VERSIONS_MAX = 5
const MANAGED = 'arn:aws:iam::aws:policy/'

export function createPolicyOperations(
  emulator: EmulatorContext,
  { policies, attachments }: IamState,
  types: readonly ResourceType[],
) {
  const find = (arn = ''): Attributes => {
    const policy = policies.get(arn)
    if (policy === undefined) throw noSuchEntity(`Policy ${arn} was not found.`)
    return policy
  }
  const door = doorOf(emulator, types, 'aws_iam_policy', find)
  const uses = (arn: unknown) => attachments.values().filter((one) => one.policy_arn === arn)
  const out = (policy: Attributes): sdk.Policy => ({
    PolicyName: String(policy.name),
    PolicyId: String(policy.policy_id),
    Arn: String(policy.arn),
    Path: String(policy.path),
    DefaultVersionId: defaultVersion(policy),
    AttachmentCount: uses(policy.arn).length,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    ...(policy.description ? { Description: String(policy.description) } : {}),
    Tags: tagsOut(policy),
  })
  const version = (policy: Attributes, VersionId: string): sdk.PolicyVersion => {
    const document = versionsOf(policy)[VersionId]
    if (document === undefined)
      throw noSuchEntity(`Policy ${policy.arn} version ${VersionId} does not exist or is not attachable.`)
    return {
      VersionId,
      Document: encodedPolicy(document),
      IsDefaultVersion: VersionId === defaultVersion(policy),
    }
  }
  return {
    CreatePolicy(input) {
      const policy = door.create({
        name: input.PolicyName ?? null,
        policy: input.PolicyDocument ?? null,
        path: input.Path ?? '/',
        description: input.Description ?? null,
        ...tagsIn(input.Tags),
      })
      return { Policy: out(policy) }
    },
    GetPolicy({ PolicyArn = '' }) {
      if (!PolicyArn.startsWith(MANAGED)) return { Policy: out(find(PolicyArn)) }
      return {
        Policy: {
          Arn: PolicyArn,
          PolicyName: PolicyArn.split('/').at(-1) ?? '',
          Path: `/${PolicyArn.slice(MANAGED.length).split('/').slice(0, -1).join('/')}`,
          DefaultVersionId: 'v1',
          AttachmentCount: uses(PolicyArn).length,
          IsAttachable: true,
        },
      }
    },
    ListPolicies({ PathPrefix = '/', OnlyAttached, Scope }) {
      const own = Scope === 'AWS' ? [] : policies.values()
      const found = own.filter(
        ({ path, arn }) => String(path).startsWith(PathPrefix) && (!OnlyAttached || uses(arn).length > 0),
      )
      return { Policies: found.map(out), IsTruncated: false }
    },
    GetPolicyVersion({ PolicyArn = '', VersionId = '' }) {
      if (PolicyArn.startsWith(MANAGED))
        throw new AwsError(
          'NotImplemented',
          `The emulator does not have the documents of AWS managed policies, such as ${PolicyArn}.`,
          501,
        )
      return { PolicyVersion: version(find(PolicyArn), VersionId) }
    },
    ListPolicyVersions({ PolicyArn }) {
      const policy = find(PolicyArn)
      const ids = Object.keys(versionsOf(policy))
      return { Versions: ids.map((id) => version(policy, id)), IsTruncated: false }
    },
    CreatePolicyVersion({ PolicyArn = '', PolicyDocument = '', SetAsDefault }) {
      const policy = find(PolicyArn)
      const versions = versionsOf(policy)
      if (Object.keys(versions).length >= VERSIONS_MAX)
        throw new AwsError(
          'LimitExceeded',
          'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
          409,
        )
      const last = Number(policy.last_version ?? 1) + 1
      const id = `v${last}`
      const all = { versions: { ...versions, [id]: PolicyDocument }, last_version: last }
      const now = SetAsDefault ? { default_version: id, policy: PolicyDocument } : {}
      return { PolicyVersion: version(door.change(PolicyArn, { ...all, ...now }), id) }
    },
    SetDefaultPolicyVersion({ PolicyArn = '', VersionId = '' }) {
      const policy = find(PolicyArn)
      version(policy, VersionId)
      const versions = versionsOf(policy)
      door.change(PolicyArn, { versions, default_version: VersionId, policy: versions[VersionId] ?? '' })
      return {}
    },
    DeletePolicyVersion({ PolicyArn = '', VersionId = '' }) {
      const policy = find(PolicyArn)
      if (version(policy, VersionId).IsDefaultVersion)
        throw deleteConflict('set another version as the default first.')
      const { [VersionId]: _gone, ...versions } = versionsOf(policy)
      door.change(PolicyArn, { versions })
      return {}
    },
    DeletePolicy({ PolicyArn = '' }) {
      const policy = find(PolicyArn)
      if (uses(policy.arn).length > 0) throw deleteConflict('detach the policy from all entities first.')
      if (Object.keys(versionsOf(policy)).length > 1)
        throw deleteConflict('delete all versions that are not the default first.')
      door.delete(PolicyArn)
      return {}
    },
    ListEntitiesForPolicy: ({ PolicyArn }) => ({
      PolicyRoles: uses(PolicyArn).map(({ role }) => ({ RoleName: String(role) })),
      PolicyUsers: [],
      PolicyGroups: [],
      IsTruncated: false,
    }),
    TagPolicy({ PolicyArn = '', Tags }) {
      policies.put(PolicyArn, tagged(find(PolicyArn), Tags))
      return {}
    },
    UntagPolicy({ PolicyArn = '', TagKeys }) {
      policies.put(PolicyArn, untagged(find(PolicyArn), TagKeys))
      return {}
    },
    ListPolicyTags: ({ PolicyArn }) => ({ Tags: tagsOut(find(PolicyArn)), IsTruncated: false }),
  } satisfies Operations<typeof sdk>
}

const defaultVersion = (policy: Attributes) => String(policy.default_version ?? 'v1')

/** Texts by version; that of the default is the policy's, whichever door it came through. */
const versionsOf = (policy: Attributes): Record<string, string> => ({
  ...stringMap(policy.versions),
  [defaultVersion(policy)]: String(policy.policy),
})
