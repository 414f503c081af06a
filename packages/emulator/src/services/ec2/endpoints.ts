/** VPC endpoints. https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html */
import {
  type AttributeSpecs,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { samePolicy } from '../../terraform/type/same-policy.ts'
import type { Ec2Model } from './model/model.ts'
import { prefixListId } from './model/prefix-lists.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const endpoint: AttributeSpecs = {
  vpc_id: implemented({ forceNew: true }),
  service_name: implemented({ forceNew: true }),
  service_region: ignored(NO_PACKETS, { forceNew: true, computed: true }),
  vpc_endpoint_type: implemented({ forceNew: true, default: 'Gateway' }),
  policy: implemented({ computed: true, equivalent: samePolicy }),
  route_table_ids: implemented({ set: true, computed: true }),
  subnet_ids: implemented({ set: true, computed: true }),
  security_group_ids: implemented({ set: true, computed: true }),
  private_dns_enabled: implemented({ computed: true }),
  auto_accept: ignored('every endpoint is available at once'),
  ip_address_type: ignored(NO_PACKETS, { computed: true }),
  dns_options: block(
    {
      dns_record_ip_type: ignored(NO_PACKETS, { computed: true }),
      private_dns_only_for_inbound_resolver_endpoint: ignored(NO_PACKETS),
    },
    { maxItems: 1, computed: true },
  ),
  tags: implemented(),
  arn: computed(),
  owner_id: computed(),
  cidr_blocks: computed(),
  dns_entry: computed(),
  network_interface_ids: computed(),
  prefix_list_id: computed(),
  requester_managed: computed(),
  state: computed(),
}

const OPEN_POLICY =
  '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}'

export function endpointTypes(model: Ec2Model): ResourceType[] {
  return [
    ec2Record(model, {
      type: 'aws_vpc_endpoint',
      documents: model.state.endpoints,
      prefix: 'vpce-',
      arnType: 'vpc-endpoint',
      attributes: endpoint,
      compute(planned, id, context) {
        const service = String(planned.service_name)
        const isGateway = planned.vpc_endpoint_type === 'Gateway'
        const dnsName = `${id}-${id.slice(-8)}.${service.split('.').at(-1)}.${context.region}.vpce.amazonaws.com`
        return {
          policy: planned.policy ?? OPEN_POLICY,
          route_table_ids: planned.route_table_ids ?? [],
          subnet_ids: planned.subnet_ids ?? [],
          security_group_ids: planned.security_group_ids ?? [],
          private_dns_enabled: planned.private_dns_enabled ?? false,
          service_region: planned.service_region ?? context.region,
          ip_address_type: planned.ip_address_type ?? (isGateway ? '' : 'ipv4'),
          cidr_blocks: [],
          dns_entry: isGateway ? [] : [{ dns_name: dnsName, hosted_zone_id: 'Z27UANNT0PRK1T' }],
          network_interface_ids: isGateway ? [] : [model.emulator.ids.hex('eni-', 17)],
          prefix_list_id: isGateway ? prefixListId(service) : '',
          requester_managed: false,
          state: 'available',
        }
      },
    }),
  ]
}
