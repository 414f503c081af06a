/** The data sources aws_lb, aws_lb_listener, aws_lb_target_group, aws_lb_hosted_zone_id, aws_elb_service_account. */
import {
  type Attributes,
  computed,
  type DataSourceType,
  implemented,
} from '../../../terraform/type/resource-type.ts'
import type { Elbv2Context } from '../model/context.ts'
import { arnSuffix } from '../model/model.ts'
import { accessLogAccount, canonicalHostedZoneId } from '../model/regions.ts'
import { text } from './values.ts'

export function createDataSourceTypes(env: Elbv2Context): DataSourceType[] {
  const { state } = env
  return [
    {
      type: 'aws_lb',
      attributes: {
        arn: implemented({ computed: true }),
        name: implemented({ computed: true }),
        ...computedNames(
          'id',
          'arn_suffix',
          'dns_name',
          'zone_id',
          'vpc_id',
          'internal',
          'security_groups',
          'subnets',
          'tags',
        ),
      },
      read(config, { address }) {
        const found = only(config, state.loadBalancers.values(), address)
        return {
          ...config,
          id: found.arn,
          arn: found.arn,
          name: found.name,
          arn_suffix: arnSuffix(found.arn),
          dns_name: found.dnsName,
          zone_id: found.canonicalHostedZoneId,
          vpc_id: found.vpcId ?? '',
          internal: found.scheme === 'internal',
          security_groups: [...found.securityGroups],
          subnets: found.subnets.map(({ id }) => id),
          tags: { ...found.tags },
        }
      },
    },
    {
      type: 'aws_lb_target_group',
      attributes: {
        arn: implemented({ computed: true }),
        name: implemented({ computed: true }),
        ...computedNames('id', 'arn_suffix', 'port', 'protocol', 'target_type', 'vpc_id', 'tags'),
      },
      read(config, { address }) {
        const found = only(config, state.targetGroups.values(), address)
        return {
          ...config,
          id: found.arn,
          arn: found.arn,
          name: found.name,
          arn_suffix: arnSuffix(found.arn),
          port: found.port,
          protocol: found.protocol,
          target_type: found.targetType,
          vpc_id: found.vpcId ?? '',
          tags: { ...found.tags },
        }
      },
    },
    {
      type: 'aws_lb_listener',
      attributes: {
        arn: implemented({ computed: true }),
        load_balancer_arn: implemented({ computed: true }),
        port: implemented({ computed: true }),
        ...computedNames('id', 'protocol', 'ssl_policy', 'certificate_arn', 'tags'),
      },
      read(config, { address }) {
        const found = state.listeners
          .values()
          .find((each) =>
            text(config, 'arn') === undefined
              ? each.loadBalancerArn === config.load_balancer_arn && each.port === Number(config.port)
              : each.arn === config.arn,
          )
        if (!found)
          throw new Error(`${address}: no listener matches; give its arn, or load_balancer_arn and port`)
        return {
          ...config,
          id: found.arn,
          arn: found.arn,
          load_balancer_arn: found.loadBalancerArn,
          port: found.port,
          protocol: found.protocol,
          ssl_policy: found.sslPolicy ?? '',
          certificate_arn: found.certificateArn ?? '',
          tags: { ...found.tags },
        }
      },
    },
    {
      type: 'aws_lb_hosted_zone_id',
      attributes: {
        region: implemented(),
        load_balancer_type: implemented({ default: 'application' }),
        ...computedNames('id'),
      },
      read: (config, { region }) => ({
        ...config,
        id: canonicalHostedZoneId(text(config, 'region') ?? region),
      }),
    },
    {
      type: 'aws_elb_service_account',
      attributes: { region: implemented(), ...computedNames('id', 'arn') },
      read(config, { region }) {
        const account = accessLogAccount(text(config, 'region') ?? region)
        return { ...config, id: account, arn: `arn:aws:iam::${account}:root` }
      },
    },
  ]
}

const computedNames = (...names: string[]) => Object.fromEntries(names.map((name) => [name, computed()]))

/** The one document that `arn` and `name` name. */
function only<T extends { arn: string; name: string }>(
  config: Attributes,
  documents: readonly T[],
  address: string,
): T {
  const [arn, name] = [text(config, 'arn'), text(config, 'name')]
  const found = documents.filter(
    (each) => (arn ?? each.arn) === each.arn && (name ?? each.name) === each.name,
  )
  const [first] = found
  if (!first || found.length > 1)
    throw new Error(`${address}: ${found.length} match; give the arn or name of one`)
  return first
}
