/** aws_lb: https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/lb.html.markdown */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import {
  changeLoadBalancer,
  createLoadBalancer,
  deleteLoadBalancer,
  modifyLoadBalancerAttributes,
  setSubnets,
} from '../control/load-balancers.ts'
import { loadBalancerDefaults } from '../model/attributes.ts'
import type { Elbv2Context } from '../model/context.ts'
import { duplicateLoadBalancer } from '../model/errors.ts'
import { arnSuffix, type LoadBalancer } from '../model/model.ts'
import { allTags, blocks, flag, onlyBlock, settingChanges, tagRecord, text, texts } from './values.ts'

const logs = (reason: string) =>
  block(
    {
      bucket: ignored(reason),
      enabled: ignored(reason, { default: false }),
      prefix: ignored(reason),
    },
    { maxItems: 1 },
  )
const notNetwork = 'for other types of load balancers'
const noWaf = 'there is no web application firewall'

/** Terraform's attribute → the API's. */
const settingKeys = {
  idle_timeout: 'idle_timeout.timeout_seconds',
  client_keep_alive: 'client_keep_alive.seconds',
  drop_invalid_header_fields: 'routing.http.drop_invalid_header_fields.enabled',
  preserve_host_header: 'routing.http.preserve_host_header.enabled',
  enable_xff_client_port: 'routing.http.xff_client_port.enabled',
  xff_header_processing_mode: 'routing.http.xff_header_processing.mode',
  enable_deletion_protection: 'deletion_protection.enabled',
  desync_mitigation_mode: 'routing.http.desync_mitigation_mode',
  enable_http2: 'routing.http2.enabled',
  enable_tls_version_and_cipher_suite_headers: 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled',
  enable_waf_fail_open: 'waf.fail_open.enabled',
} as const satisfies Readonly<Record<string, keyof typeof loadBalancerDefaults>>

/** An attribute with the API's default, in the type that Terraform has for it. */
function settingSpec(name: keyof typeof settingKeys) {
  const value = loadBalancerDefaults[settingKeys[name]]
  if (value === 'true' || value === 'false') return implemented({ default: value === 'true' })
  return implemented({ default: /^\d+$/.test(value) ? Number(value) : value })
}

const attributes: AttributeSpecs = {
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  internal: implemented({ forceNew: true, default: false }),
  load_balancer_type: implemented({ forceNew: true, default: 'application' }),
  security_groups: ignored('which connections exist is not decided by security groups yet', {
    computed: true,
    set: true,
  }),
  subnets: implemented({ computed: true, set: true }),
  subnet_mapping: block(
    {
      subnet_id: implemented(),
      allocation_id: ignored(notNetwork),
      ipv6_address: ignored(notNetwork),
      private_ipv4_address: ignored(notNetwork),
    },
    { set: true },
  ),
  ip_address_type: ignored('the data plane listens on IPv4 loopback', { computed: true }),
  idle_timeout: settingSpec('idle_timeout'),
  client_keep_alive: settingSpec('client_keep_alive'),
  drop_invalid_header_fields: settingSpec('drop_invalid_header_fields'),
  preserve_host_header: settingSpec('preserve_host_header'),
  enable_xff_client_port: settingSpec('enable_xff_client_port'),
  xff_header_processing_mode: settingSpec('xff_header_processing_mode'),
  enable_deletion_protection: settingSpec('enable_deletion_protection'),
  desync_mitigation_mode: settingSpec('desync_mitigation_mode'),
  enable_http2: settingSpec('enable_http2'),
  enable_cross_zone_load_balancing: ignored('one node stands for all zones', { computed: true }),
  enable_tls_version_and_cipher_suite_headers: settingSpec('enable_tls_version_and_cipher_suite_headers'),
  enable_waf_fail_open: ignored(noWaf, { default: false }),
  enable_zonal_shift: ignored('there are no zones to shift between', { computed: true }),
  access_logs: logs('access logs are not written'),
  connection_logs: logs('connection logs are not written'),
  health_check_logs: logs('health check logs are not written'),
  minimum_load_balancer_capacity: block(
    { capacity_units: ignored('capacity is that of this machine') },
    { maxItems: 1 },
  ),
  customer_owned_ipv4_pool: ignored('there are no Outposts', { forceNew: true }),
  dns_record_client_routing_policy: ignored(notNetwork, { default: 'any_availability_zone' }),
  enforce_security_group_inbound_rules_on_private_link_traffic: ignored(notNetwork, { computed: true }),
  timeouts: ignored('provisioning takes no time'),
  tags: implemented(),
  tags_all: computed(),
  id: computed(),
  arn: computed(),
  arn_suffix: computed(),
  dns_name: computed(),
  vpc_id: computed(),
  zone_id: computed(),
}

export function loadBalancerType(env: Elbv2Context): ResourceType {
  return {
    type: 'aws_lb',
    attributes,
    create(planned) {
      const name = nameOf(env, planned)
      // The API would take one that is the same for the same; the provider looks first, and never takes it over.
      if (env.state.loadBalancers.values().some((known) => known.name === name))
        throw duplicateLoadBalancer(name)
      const created = createLoadBalancer(env, {
        Name: name,
        Type: (text(planned, 'load_balancer_type') ?? 'application') as 'application',
        Scheme: flag(planned, 'internal') ? 'internal' : 'internet-facing',
        Subnets: subnetIds(planned),
        SecurityGroups: texts(planned, 'security_groups'),
        IpAddressType: ipAddressType(planned),
        Tags: allTags(planned),
      })
      return attributesOf(planned, modifyLoadBalancerAttributes(env, created.arn, changes(planned)))
    },
    read(prior) {
      const found = env.state.loadBalancers.get(String(prior.id))
      return found && attributesOf(prior, found)
    },
    update(planned, prior) {
      const arn = String(prior.id)
      setSubnets(env, { LoadBalancerArn: arn, Subnets: subnetIds(planned) })
      changeLoadBalancer(env, arn, {
        securityGroups: texts(planned, 'security_groups') ?? [],
        ipAddressType: ipAddressType(planned),
        tags: tagRecord(planned),
      })
      return attributesOf({ ...prior, ...planned }, modifyLoadBalancerAttributes(env, arn, changes(planned)))
    },
    async delete(prior) {
      if (env.state.loadBalancers.has(String(prior.id))) await deleteLoadBalancer(env, String(prior.id))
    },
  }
}

function attributesOf(base: Attributes, loadBalancer: LoadBalancer): Attributes {
  const { settings } = loadBalancer
  return {
    ...base,
    id: loadBalancer.arn,
    arn: loadBalancer.arn,
    arn_suffix: arnSuffix(loadBalancer.arn),
    name: loadBalancer.name,
    dns_name: loadBalancer.dnsName,
    zone_id: loadBalancer.canonicalHostedZoneId,
    vpc_id: loadBalancer.vpcId ?? '',
    internal: loadBalancer.scheme === 'internal',
    security_groups: [...loadBalancer.securityGroups],
    subnets: loadBalancer.subnets.map(({ id }) => id),
    ip_address_type: loadBalancer.ipAddressType,
    idle_timeout: Number(settings['idle_timeout.timeout_seconds']),
    client_keep_alive: Number(settings['client_keep_alive.seconds']),
    drop_invalid_header_fields: settings['routing.http.drop_invalid_header_fields.enabled'] === 'true',
    enable_xff_client_port: settings['routing.http.xff_client_port.enabled'] === 'true',
    xff_header_processing_mode:
      settings['routing.http.xff_header_processing.mode'] ??
      loadBalancerDefaults['routing.http.xff_header_processing.mode'],
    enable_deletion_protection: settings['deletion_protection.enabled'] === 'true',
    enable_cross_zone_load_balancing: true,
    enable_zonal_shift: flag(base, 'enable_zonal_shift') ?? false,
    tags_all: { ...loadBalancer.tags },
  }
}

function changes(planned: Attributes) {
  const accessLogs = onlyBlock(planned, 'access_logs')
  return [
    ...settingChanges(planned, settingKeys),
    ...(accessLogs
      ? [
          { Key: 'access_logs.s3.enabled', Value: String(flag(accessLogs, 'enabled') ?? false) },
          { Key: 'access_logs.s3.bucket', Value: text(accessLogs, 'bucket') ?? '' },
          { Key: 'access_logs.s3.prefix', Value: text(accessLogs, 'prefix') ?? '' },
        ]
      : []),
  ]
}

function nameOf(env: Elbv2Context, planned: Attributes): string {
  const prefix = text(planned, 'name_prefix') ?? 'tf-lb-'
  // The provider's own way of making names: a prefix of at most six characters and a unique suffix.
  return text(planned, 'name') ?? `${prefix}${env.context.ids.hex('', 26)}`.slice(0, 32)
}

const subnetIds = (planned: Attributes) =>
  texts(planned, 'subnets') ??
  blocks(planned, 'subnet_mapping').map((mapping) => text(mapping, 'subnet_id') ?? '')

const ipAddressType = (planned: Attributes) =>
  (text(planned, 'ip_address_type') ?? 'ipv4') as 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4'
