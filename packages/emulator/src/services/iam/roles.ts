/** Roles, service-linked roles and instance profiles. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html */
import type { EmulatorContext } from '../../service.ts'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import { checkName, checkPolicy, isSameName } from './checks.ts'
import { keepRole, rolePoliciesNow } from './role-policies.ts'
import { createState, keeper, reading } from './state.ts'

/** Characters of a trust policy: the default quota. */
const TRUST_POLICY_LENGTH = 2048

const role: AttributeSpecs = {
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  path: implemented({ forceNew: true, default: '/' }),
  description: implemented(),
  assume_role_policy: implemented({ equivalent: samePolicy }),
  max_session_duration: implemented({ default: 3600 }),
  permissions_boundary: implemented(),
  force_detach_policies: ignored('policies end with their role here', { default: false }),
  managed_policy_arns: implemented({ set: true, computed: true }),
  inline_policy: block(
    { name: implemented(), policy: implemented({ equivalent: samePolicy }) },
    { set: true, computed: true },
  ),
  tags: implemented(),
  arn: computed(),
  create_date: computed(),
  unique_id: computed(),
}

const serviceLinkedRole: AttributeSpecs = {
  aws_service_name: implemented({ forceNew: true }),
  custom_suffix: implemented({ forceNew: true }),
  description: implemented(),
  tags: implemented(),
  arn: computed(),
  create_date: computed(),
  name: computed(),
  path: computed(),
  unique_id: computed(),
}

const instanceProfile: AttributeSpecs = {
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  path: implemented({ forceNew: true, default: '/' }),
  role: implemented(),
  tags: implemented(),
  arn: computed(),
  create_date: computed(),
  unique_id: computed(),
}

export function roleTypes(emulator: EmulatorContext): ResourceType[] {
  const state = createState(emulator.store)
  const { roles, instanceProfiles, serviceLinkedRoles } = state
  const now = () => new Date(emulator.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const nameOf = (planned: Attributes) =>
    String(planned.name ?? `${planned.name_prefix ?? 'terraform-'}${emulator.ids.hex('', 26)}`)
  return [
    checked(
      reading(
        recordType({
          type: 'aws_iam_role',
          attributes: role,
          compute(planned, { accountId }) {
            const name = nameOf(planned)
            if (roles.values().some((known) => isSameName(known.name, name)))
              throw new Error(`EntityAlreadyExists: Role with name ${name} already exists. Choose another.`)
            return {
              id: name,
              name,
              name_prefix: planned.name_prefix ?? '',
              arn: `arn:aws:iam::${accountId}:role${planned.path}${name}`,
              create_date: now(),
              managed_policy_arns: planned.managed_policy_arns ?? [],
              inline_policy: planned.inline_policy ?? [],
              unique_id: emulator.ids.upper('AROA', 17),
            }
          },
          keep: (id, attributes) => keepRole(state, id, attributes),
        }),
        roles,
        (role) => rolePoliciesNow(state, role),
      ),
      (planned) => {
        if (typeof planned.name === 'string') checkName(planned.name, 64)
        checkPolicy(planned.assume_role_policy, 'The trust policy', TRUST_POLICY_LENGTH)
      },
    ),
    reading(
      recordType({
        type: 'aws_iam_service_linked_role',
        attributes: serviceLinkedRole,
        compute: (planned, { accountId }) =>
          linkedRole(planned, accountId, now(), emulator.ids.upper('AROA', 17)),
        keep: keeper(serviceLinkedRoles),
      }),
      serviceLinkedRoles,
    ),
    reading(
      recordType({
        type: 'aws_iam_instance_profile',
        attributes: instanceProfile,
        compute(planned, { accountId }) {
          const name = nameOf(planned)
          if (instanceProfiles.values().some((known) => isSameName(known.name, name)))
            throw new Error(`EntityAlreadyExists: Instance Profile ${name} already exists. Choose another.`)
          return {
            id: name,
            name,
            name_prefix: planned.name_prefix ?? '',
            arn: `arn:aws:iam::${accountId}:instance-profile${planned.path}${name}`,
            create_date: now(),
            unique_id: emulator.ids.upper('AIPA', 17),
          }
        },
        keep: keeper(instanceProfiles),
      }),
      instanceProfiles,
    ),
  ]
}

/** The type with a check before it creates or updates. */
export function checked(type: ResourceType, check: (planned: Attributes) => void): ResourceType {
  const { update } = type
  return {
    ...type,
    create(planned, context) {
      check(planned)
      return type.create(planned, context)
    },
    ...(update === undefined
      ? {}
      : {
          update(planned: Attributes, prior: Attributes, context: Parameters<typeof type.create>[1]) {
            check(planned)
            return update(planned, prior, context)
          },
        }),
  }
}

/** Names that do not follow from the service's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html */
const LINKED_NAMES: Readonly<Record<string, string>> = {
  'ecs.amazonaws.com': 'AWSServiceRoleForECS',
  'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
  'rds.amazonaws.com': 'AWSServiceRoleForRDS',
  'ecs.application-autoscaling.amazonaws.com': 'AWSServiceRoleForApplicationAutoScaling_ECSService',
  'elasticfilesystem.amazonaws.com': 'AWSServiceRoleForAmazonElasticFileSystem',
}

function linkedRole(
  planned: Attributes,
  accountId: string,
  createDate: string,
  uniqueId: string,
): Attributes {
  const service = String(planned.aws_service_name)
  const [short = service] = service.split('.')
  const suffix = planned.custom_suffix ? `_${planned.custom_suffix}` : ''
  const name =
    (LINKED_NAMES[service] ?? `AWSServiceRoleFor${short.charAt(0).toUpperCase()}${short.slice(1)}`) + suffix
  const path = `/aws-service-role/${service}/`
  const arn = `arn:aws:iam::${accountId}:role${path}${name}`
  return { id: arn, arn, name, path, create_date: createDate, unique_id: uniqueId }
}
