/** Instance profiles and OpenID Connect providers. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html */
import type * as sdk from '@aws-sdk/client-iam'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { doorOf } from '../../terraform/type/door.ts'
import type { Attributes, ResourceType } from '../../terraform/type/resource-type.ts'
import { stringList } from '../../terraform/type/values.ts'
import { deleteConflict, noSuchEntity } from './errors.ts'
import { withoutScheme } from './providers.ts'
import { roleOut } from './role-operations.ts'
import type { IamState } from './state.ts'
import { dateOf, tagged, tagsIn, tagsOut, untagged } from './wire.ts'

export function createProfileAndProviderOperations(
  emulator: EmulatorContext,
  { instanceProfiles, openIdConnectProviders, roles }: IamState,
  types: readonly ResourceType[],
) {
  const profile = (name = ''): Attributes => {
    const found = instanceProfiles.get(name)
    if (found === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`)
    return found
  }
  const provider = (arn = ''): Attributes => {
    const found = openIdConnectProviders.get(arn)
    if (found === undefined) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`)
    return found
  }
  const profileDoor = doorOf(emulator, types, 'aws_iam_instance_profile', profile)
  const providerDoor = doorOf(emulator, types, 'aws_iam_openid_connect_provider', provider)
  const profileOut = (one: Attributes): sdk.InstanceProfile => {
    const role = one.role ? roles.get(String(one.role)) : undefined
    return {
      InstanceProfileName: String(one.name),
      InstanceProfileId: String(one.unique_id),
      Arn: String(one.arn),
      Path: String(one.path),
      CreateDate: dateOf(one),
      Roles: role === undefined ? [] : [roleOut(role)],
      Tags: tagsOut(one),
    }
  }
  return {
    CreateInstanceProfile({ InstanceProfileName, Path, Tags }) {
      const made = profileDoor.create({
        name: InstanceProfileName ?? null,
        path: Path ?? '/',
        ...tagsIn(Tags),
      })
      return { InstanceProfile: profileOut(made) }
    },
    GetInstanceProfile: ({ InstanceProfileName }) => ({
      InstanceProfile: profileOut(profile(InstanceProfileName)),
    }),
    ListInstanceProfiles: () => ({
      InstanceProfiles: instanceProfiles.values().map(profileOut),
      IsTruncated: false,
    }),
    ListInstanceProfilesForRole: ({ RoleName }) => ({
      InstanceProfiles: instanceProfiles
        .values()
        .filter(({ role }) => role === RoleName)
        .map(profileOut),
      IsTruncated: false,
    }),
    AddRoleToInstanceProfile({ InstanceProfileName = '', RoleName = '' }) {
      if (!roles.has(RoleName)) throw noSuchEntity(`The role with name ${RoleName} cannot be found.`)
      if (profile(InstanceProfileName).role)
        throw new AwsError(
          'LimitExceeded',
          'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
          409,
        )
      profileDoor.change(InstanceProfileName, { role: RoleName })
      return {}
    },
    RemoveRoleFromInstanceProfile({ InstanceProfileName = '', RoleName = '' }) {
      if (profile(InstanceProfileName).role !== RoleName)
        throw noSuchEntity(`The role with name ${RoleName} cannot be found.`)
      profileDoor.change(InstanceProfileName, { role: null })
      return {}
    },
    DeleteInstanceProfile({ InstanceProfileName = '' }) {
      if (profile(InstanceProfileName).role) throw deleteConflict('remove roles from instance profile first.')
      profileDoor.delete(InstanceProfileName)
      return {}
    },
    TagInstanceProfile({ InstanceProfileName = '', Tags }) {
      instanceProfiles.put(InstanceProfileName, tagged(profile(InstanceProfileName), Tags))
      return {}
    },
    UntagInstanceProfile({ InstanceProfileName = '', TagKeys }) {
      instanceProfiles.put(InstanceProfileName, untagged(profile(InstanceProfileName), TagKeys))
      return {}
    },
    ListInstanceProfileTags: ({ InstanceProfileName }) => ({
      Tags: tagsOut(profile(InstanceProfileName)),
      IsTruncated: false,
    }),
    CreateOpenIDConnectProvider({ Url, ClientIDList, ThumbprintList, Tags }) {
      const made = providerDoor.create({
        url: withoutScheme(Url),
        client_id_list: ClientIDList ?? [],
        thumbprint_list: ThumbprintList ?? [],
        create_date: new Date(emulator.clock.now()).toISOString(),
        ...tagsIn(Tags),
      })
      return { OpenIDConnectProviderArn: String(made.arn), Tags: tagsOut(made) }
    },
    GetOpenIDConnectProvider({ OpenIDConnectProviderArn }) {
      const found = provider(OpenIDConnectProviderArn)
      return {
        Url: withoutScheme(found.url),
        ClientIDList: stringList(found.client_id_list),
        ThumbprintList: stringList(found.thumbprint_list),
        CreateDate: dateOf(found),
        Tags: tagsOut(found),
      }
    },
    ListOpenIDConnectProviders: () => ({
      OpenIDConnectProviderList: openIdConnectProviders.values().map(({ arn }) => ({ Arn: String(arn) })),
    }),
    UpdateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn = '', ThumbprintList = [] }) {
      provider(OpenIDConnectProviderArn)
      providerDoor.change(OpenIDConnectProviderArn, { thumbprint_list: ThumbprintList })
      return {}
    },
    AddClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn = '', ClientID = '' }) {
      const known = stringList(provider(OpenIDConnectProviderArn).client_id_list)
      providerDoor.change(OpenIDConnectProviderArn, { client_id_list: [...new Set([...known, ClientID])] })
      return {}
    },
    RemoveClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn = '', ClientID = '' }) {
      const known = stringList(provider(OpenIDConnectProviderArn).client_id_list)
      providerDoor.change(OpenIDConnectProviderArn, { client_id_list: known.filter((id) => id !== ClientID) })
      return {}
    },
    DeleteOpenIDConnectProvider({ OpenIDConnectProviderArn = '' }) {
      provider(OpenIDConnectProviderArn)
      providerDoor.delete(OpenIDConnectProviderArn)
      return {}
    },
    TagOpenIDConnectProvider({ OpenIDConnectProviderArn: arn = '', Tags }) {
      openIdConnectProviders.put(arn, tagged(provider(arn), Tags))
      return {}
    },
    UntagOpenIDConnectProvider({ OpenIDConnectProviderArn: arn = '', TagKeys }) {
      openIdConnectProviders.put(arn, untagged(provider(arn), TagKeys))
      return {}
    },
    ListOpenIDConnectProviderTags: ({ OpenIDConnectProviderArn }) => ({
      Tags: tagsOut(provider(OpenIDConnectProviderArn)),
      IsTruncated: false,
    }),
    ListAccountAliases: () => ({ AccountAliases: [], IsTruncated: false }),
  } satisfies Operations<typeof sdk>
}
