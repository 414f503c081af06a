/**
 * The policies of a role. Those that are written inside of the role, those of resources of their own and those of the API are
 * the same documents.
 */

import type { Attributes } from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { blocks, stringList } from '../../terraform/type/values.ts'
import type { IamState } from './state.ts'

const inlineOf = ({ rolePolicies }: IamState, role: string) =>
  rolePolicies.values().filter((policy) => policy.role === role)
const attachedOf = ({ attachments }: IamState, role: string) =>
  attachments.values().filter((attachment) => attachment.role === role)

/** Stores a role with the policies that it names; they go with it. */
export function keepRole(state: IamState, name: string, role: Attributes | undefined): void {
  const { roles, rolePolicies, attachments } = state
  const inline = blocks(role?.inline_policy).filter((policy) => policy.name)
  const arns = stringList(role?.managed_policy_arns)
  for (const policy of inlineOf(state, name))
    if (!inline.some((one) => one.name === policy.name)) rolePolicies.delete(String(policy.id))
  for (const { policy_arn, id } of attachedOf(state, name))
    if (!arns.includes(String(policy_arn))) attachments.delete(String(id))
  if (role === undefined) return void roles.delete(name)
  for (const { name: policyName = null, policy = null } of inline) {
    const id = `${name}:${policyName}`
    rolePolicies.put(id, { ...rolePolicies.get(id), id, role: name, name: policyName, policy })
  }
  for (const arn of arns)
    attachments.put(`${name}/${arn}`, { id: `${name}/${arn}`, role: name, policy_arn: arn })
  roles.put(name, role)
}

/** What a role says of its policies, as it is now; the texts as they were written, where they mean the same. */
export function rolePoliciesNow(state: IamState, { name, inline_policy }: Attributes): Attributes {
  const written = blocks(inline_policy)
  const inline = inlineOf(state, String(name)).map((policy) => {
    const before = written.find((one) => one.name === policy.name)?.policy
    const same = before != null && samePolicy(String(before), String(policy.policy))
    return { name: policy.name ?? null, policy: (same ? before : policy.policy) ?? null }
  })
  return {
    inline_policy: inline,
    managed_policy_arns: attachedOf(state, String(name)).map(({ policy_arn }) => policy_arn ?? null),
  }
}
