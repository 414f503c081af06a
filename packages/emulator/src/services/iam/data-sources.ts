/** Data sources: the caller, the partition and the Region, and look-ups of roles, providers and policies. */
import type { EmulatorContext } from '../../service.ts'
import { computed, type DataSourceType, implemented, type Value } from '../../terraform/type/resource-type.ts'
import { withoutScheme } from './providers.ts'
import { createState } from './state.ts'

export function lookUpTypes(emulator: EmulatorContext): DataSourceType[] {
  return [
    callerIdentity,
    partition,
    awsRegion,
    role(emulator),
    openIdConnectProvider(emulator),
    policy(emulator),
  ]
}

const callerIdentity: DataSourceType = {
  type: 'aws_caller_identity',
  attributes: { account_id: computed(), arn: computed(), user_id: computed() },
  read: (_config, { accountId }) => ({
    id: accountId,
    account_id: accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    user_id: accountId,
  }),
}

const partition: DataSourceType = {
  type: 'aws_partition',
  attributes: { partition: computed(), dns_suffix: computed(), reverse_dns_prefix: computed() },
  read: () => ({
    id: 'aws',
    partition: 'aws',
    dns_suffix: 'amazonaws.com',
    reverse_dns_prefix: 'com.amazonaws',
  }),
}

const awsRegion: DataSourceType = {
  type: 'aws_region',
  attributes: {
    name: implemented({ computed: true }),
    endpoint: implemented({ computed: true }),
    description: computed(),
  },
  read(config, context) {
    const name = String(config.name ?? context.region)
    return { id: name, name, region: name, endpoint: `ec2.${name}.amazonaws.com`, description: name }
  },
}

function role(emulator: EmulatorContext): DataSourceType {
  const { roles } = createState(emulator.store)
  return {
    type: 'aws_iam_role',
    attributes: {
      name: implemented(),
      tags: implemented({ computed: true }),
      ...Object.fromEntries(
        [
          'arn',
          'assume_role_policy',
          'create_date',
          'description',
          'max_session_duration',
          'path',
          'unique_id',
        ].map((name) => [name, computed()]),
      ),
      permissions_boundary: computed(),
    },
    read: ({ name }) => roles.get(String(name)) ?? missing(`The role with name ${name} cannot be found.`),
  }
}

function policy(emulator: EmulatorContext): DataSourceType {
  const { policies } = createState(emulator.store)
  return {
    type: 'aws_iam_policy',
    attributes: {
      arn: implemented({ computed: true }),
      name: implemented({ computed: true }),
      path_prefix: implemented(),
      tags: implemented({ computed: true }),
      description: computed(),
      path: computed(),
      policy: computed(),
      policy_id: computed(),
      attachment_count: computed(),
    },
    read({ arn, name }) {
      const found = policies.values().find((candidate) => candidate.arn === arn || candidate.name === name)
      return found ?? managedPolicy(arn, name)
    },
  }
}

/** By its ARN only: which names AWS has, and below which path, is not known here. */
function managedPolicy(given: Value | undefined, name: Value | undefined) {
  const arn = String(given ?? '')
  if (arn === '')
    return missing(`The policy ${name} cannot be found. One of AWS's own is looked up by its ARN here.`)
  if (!arn.startsWith('arn:aws:iam::aws:policy/')) return missing(`The policy ${arn} cannot be found.`)
  return { id: arn, arn, name: arn.split('/').at(-1) ?? arn, path: '/', description: 'AWS managed policy' }
}

function openIdConnectProvider(emulator: EmulatorContext): DataSourceType {
  const { openIdConnectProviders } = createState(emulator.store)
  return {
    type: 'aws_iam_openid_connect_provider',
    attributes: {
      arn: implemented({ computed: true }),
      url: implemented({ computed: true }),
      tags: implemented({ computed: true }),
      client_id_list: computed(),
      thumbprint_list: computed(),
    },
    read({ arn, url }, { accountId }) {
      const wanted = String(arn ?? `arn:aws:iam::${accountId}:oidc-provider/${withoutScheme(url)}`)
      return (
        openIdConnectProviders.get(wanted) ??
        missing(`The OpenID Connect provider ${wanted} cannot be found.`)
      )
    },
  }
}

function missing(what: string): never {
  throw new Error(`NoSuchEntity: ${what} Create it first, or declare it as a resource.`)
}
