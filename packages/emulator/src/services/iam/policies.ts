/** Managed and inline policies. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
import type { EmulatorContext } from '../../service.ts'
import {
  type AttributeSpecs,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { checkPolicy, isSameName } from './checks.ts'
import { checked } from './roles.ts'
import { createState, keeper, reading } from './state.ts'

const policy: AttributeSpecs = {
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  path: implemented({ forceNew: true, default: '/' }),
  description: implemented({ forceNew: true }),
  policy: implemented({ equivalent: samePolicy }),
  delay_after_policy_creation_in_ms: ignored('a policy is there at once'),
  tags: implemented(),
  arn: computed(),
  attachment_count: computed(),
  policy_id: computed(),
}

const rolePolicy: AttributeSpecs = {
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  role: implemented({ forceNew: true }),
  policy: implemented({ equivalent: samePolicy }),
}

const attachment: AttributeSpecs = {
  role: implemented({ forceNew: true }),
  policy_arn: implemented({ forceNew: true }),
}

export function policyTypes(emulator: EmulatorContext): ResourceType[] {
  const { attachments, policies, rolePolicies, roles } = createState(emulator.store)
  const requireRole = (name: unknown) => {
    if (roles.has(String(name))) return
    throw new Error(`NoSuchEntity: The role with name ${name} cannot be found. Refer to the role's resource.`)
  }
  return [
    checked(
      reading(
        recordType({
          type: 'aws_iam_policy',
          attributes: policy,
          compute(planned, { accountId }) {
            const name = String(
              planned.name ?? `${planned.name_prefix ?? 'terraform-'}${emulator.ids.hex('', 26)}`,
            )
            const arn = `arn:aws:iam::${accountId}:policy${planned.path}${name}`
            if (policies.values().some((known) => isSameName(known.name, name)))
              throw new Error(
                `EntityAlreadyExists: A policy called ${name} already exists. Duplicate names are not allowed.`,
              )
            const prefix = planned.name_prefix ?? ''
            return {
              id: arn,
              arn,
              name,
              name_prefix: prefix,
              attachment_count: 0,
              policy_id: emulator.ids.upper('ANPA', 17),
            }
          },
          keep: keeper(policies),
        }),
        policies,
      ),
      (planned) => checkPolicy(planned.policy, 'The policy', 6144),
    ),
    checked(
      reading(
        recordType({
          type: 'aws_iam_role_policy',
          attributes: rolePolicy,
          compute(planned) {
            requireRole(planned.role)
            const name = planned.name ?? `${planned.name_prefix ?? 'terraform-'}${emulator.ids.hex('', 26)}`
            return { id: `${planned.role}:${name}`, name, name_prefix: planned.name_prefix ?? '' }
          },
          keep: keeper(rolePolicies),
        }),
        rolePolicies,
      ),
      (planned) => checkPolicy(planned.policy, 'The inline policy', 10240),
    ),
    reading(
      recordType({
        type: 'aws_iam_role_policy_attachment',
        attributes: attachment,
        compute(planned) {
          requireRole(planned.role)
          const arn = String(planned.policy_arn)
          if (!arn.startsWith('arn:aws:iam::aws:policy/') && !policies.has(arn)) {
            throw new Error(
              `NoSuchEntity: Policy ${arn} does not exist or is not attachable. Refer to the policy's resource.`,
            )
          }
          return { id: `${planned.role}/${arn}` }
        },
        keep: keeper(attachments),
      }),
      attachments,
    ),
  ]
}
