/** Elastic IP addresses and NAT gateways. */
import {
  type AttributeSpecs,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model/model.ts'
import { ec2Record, NO_PACKETS } from './record.ts'

const address: AttributeSpecs = {
  domain: implemented({ forceNew: true, computed: true }),
  address: implemented({ forceNew: true }),
  associate_with_private_ip: ignored(NO_PACKETS),
  instance: ignored(NO_PACKETS, { computed: true }),
  network_interface: ignored(NO_PACKETS, { computed: true }),
  network_border_group: ignored(NO_PACKETS, { forceNew: true, computed: true }),
  public_ipv4_pool: ignored(NO_PACKETS, { forceNew: true, computed: true }),
  tags: implemented(),
  allocation_id: computed(),
  arn: computed(),
  association_id: computed(),
  private_dns: computed(),
  private_ip: computed(),
  public_dns: computed(),
  public_ip: computed(),
}

const natGateway: AttributeSpecs = {
  allocation_id: implemented({ forceNew: true, computed: true }),
  subnet_id: implemented({ forceNew: true }),
  connectivity_type: implemented({ forceNew: true, default: 'public' }),
  private_ip: implemented({ forceNew: true, computed: true }),
  secondary_allocation_ids: ignored(NO_PACKETS, { set: true, computed: true }),
  tags: implemented(),
  association_id: computed(),
  network_interface_id: computed(),
  public_ip: computed(),
}

export function addressTypes(model: Ec2Model): ResourceType[] {
  const { addresses, natGateways } = model.state
  const { ids } = model.emulator
  return [
    ec2Record(model, {
      type: 'aws_eip',
      documents: addresses,
      prefix: 'eipalloc-',
      arnType: 'elastic-ip',
      attributes: address,
      compute(planned, id, context) {
        const publicIp = documentationAddress(addresses.values().map((known) => String(known.public_ip)))
        return {
          allocation_id: id,
          domain: planned.domain ?? 'vpc',
          association_id: '',
          instance: planned.instance ?? '',
          network_interface: planned.network_interface ?? '',
          network_border_group: planned.network_border_group ?? context.region,
          public_ipv4_pool: planned.public_ipv4_pool ?? 'amazon',
          private_dns: null,
          private_ip: '',
          public_dns: `ec2-${publicIp.replaceAll('.', '-')}.${context.region}.compute.amazonaws.com`,
          public_ip: publicIp,
        }
      },
    }),
    ec2Record(model, {
      type: 'aws_nat_gateway',
      documents: natGateways,
      prefix: 'nat-',
      attributes: natGateway,
      compute: (planned) => ({
        allocation_id: planned.allocation_id ?? '',
        association_id: ids.hex('eipassoc-', 17),
        network_interface_id: ids.hex('eni-', 17),
        private_ip: planned.private_ip ?? '',
        public_ip: addresses.get(String(planned.allocation_id))?.public_ip ?? '',
        secondary_allocation_ids: planned.secondary_allocation_ids ?? [],
      }),
    }),
  ]
}

/** The first free address of TEST-NET-3, which no host on the Internet has (RFC 5737). */
function documentationAddress(taken: readonly string[]): string {
  for (let last = 1; last < 255; last++) {
    if (!taken.includes(`203.0.113.${last}`)) return `203.0.113.${last}`
  }
  throw new Error('The emulator has 254 elastic IP addresses, and all are taken: release some.')
}
