/** IAM's records, and what other services look up in them. */
import type { Collection, Store } from '../../store.ts'
import type { Attributes, ResourceType } from '../../terraform/type/resource-type.ts'
import type { Iam, Role, RolePolicy } from './contract.ts'

export interface IamState {
  /** By name. */
  readonly roles: Collection<Attributes>
  /** Inline policies, by `role:name`. */
  readonly rolePolicies: Collection<Attributes>
  /** Customer managed policies, by ARN. */
  readonly policies: Collection<Attributes>
  /** By `role/policy ARN`. */
  readonly attachments: Collection<Attributes>
  readonly openIdConnectProviders: Collection<Attributes>
  readonly instanceProfiles: Collection<Attributes>
  readonly serviceLinkedRoles: Collection<Attributes>
}

export function createState(store: Store): IamState {
  return {
    roles: store.collection('iam.roles'),
    rolePolicies: store.collection('iam.role-policies'),
    policies: store.collection('iam.policies'),
    attachments: store.collection('iam.role-policy-attachments'),
    openIdConnectProviders: store.collection('iam.openid-connect-providers'),
    instanceProfiles: store.collection('iam.instance-profiles'),
    serviceLinkedRoles: store.collection('iam.service-linked-roles'),
  }
}

export function readIdentities(store: Store): Pick<Iam, 'role' | 'rolePolicies'> {
  const { roles, rolePolicies, policies, attachments } = createState(store)
  const role = (nameOrArn: string): Role | undefined => {
    const found = roles.get(nameOrArn.split('/').at(-1) ?? nameOrArn)
    if (found === undefined || (nameOrArn.startsWith('arn:') && found.arn !== nameOrArn)) return undefined
    return {
      name: String(found.name),
      arn: String(found.arn),
      assumeRolePolicy: String(found.assume_role_policy),
      maxSessionSeconds: Number(found.max_session_duration),
    }
  }
  return {
    role,
    rolePolicies(roleName) {
      const inline = rolePolicies.values().filter((policy) => policy.role === roleName)
      const attached = attachments.values().filter((attachment) => attachment.role === roleName)
      return [
        ...inline.map(
          (policy): RolePolicy => ({ name: String(policy.name), document: String(policy.policy) }),
        ),
        ...attached.map((attachment) => attachedPolicy(String(attachment.policy_arn), policies)),
      ]
    },
  }
}

function attachedPolicy(arn: string, policies: Collection<Attributes>): RolePolicy {
  const document = policies.get(arn)?.policy
  return {
    name: arn.split('/').at(-1) ?? arn,
    arn,
    document: typeof document === 'string' ? document : undefined,
  }
}

/** Stores the documents of a record type. */
export const keeper =
  (documents: Collection<Attributes>) => (id: string, attributes: Attributes | undefined) => {
    if (attributes === undefined) documents.delete(id)
    else documents.put(id, attributes)
  }

/** The type, with what is in the store now: it may have been changed or deleted through the API. */
export function reading(
  type: ResourceType,
  documents: Collection<Attributes>,
  now: (document: Attributes) => Attributes = () => ({}),
): ResourceType {
  return {
    ...type,
    read(prior) {
      const document = documents.get(String(prior.id))
      return document && { ...prior, ...document, ...now(document) }
    },
  }
}
