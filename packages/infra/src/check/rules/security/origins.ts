/** Load balancers behind distributions: CloudFront reaches them, and where it can be so, no one else does. */
import type { Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import { networkOf } from '../../model/network.ts'
import { isCloudfront, isWorld } from '../../model/security-rules.ts'
import type { Terraform } from '../../model/terraform.ts'
import { distributionsBefore, forwards, rulesOf } from '../../model/traffic.ts'

const source =
  'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html'

/** Load balancers with the distributions in front of them and the rules that admit connections to them. */
function* origins(terraform: Terraform) {
  const { endpoints, rules } = networkOf(terraform)
  for (const endpoint of endpoints.filter(({ at }) => at.type === 'aws_lb')) {
    const before = distributionsBefore(terraform, endpoint.at)
    const ingress = rules.filter(
      ({ direction, group }) => direction === 'ingress' && endpoint.groups.includes(group),
    )
    if (before.length > 0) yield { balancer: endpoint.at, before, ingress }
  }
}

/** Hosts that a load balancer serves and no distribution does: clients call those directly. */
function directHosts(terraform: Terraform, balancer: Resource): string[] {
  const served = distributionsBefore(terraform, balancer).flatMap(({ distribution }) =>
    distribution.texts('aliases'),
  )
  return terraform
    .pointingAt(balancer, 'aws_lb_listener', 'load_balancer_arn')
    .flatMap((listener) => rulesOf(terraform, listener).filter((rule) => forwards(rule)))
    .flatMap((rule) => rule.blocks('condition'))
    .flatMap((condition) => condition.texts('host_header', 'values'))
    .filter((host) => !served.includes(host))
}

export const originRules: readonly Rule[] = [
  {
    name: 'origin-reachable',
    severity: 'error',
    demand:
      'A load balancer admits CloudFront on the port that its distributions call; an internal one has a VPC origin.',
    source,
    *check(terraform) {
      for (const { balancer, before, ingress } of origins(terraform)) {
        for (const { distribution, origin } of before) {
          const [vpcOrigin] = origin.references('vpc_origin_config', 'vpc_origin_id')
          if (balancer.flag('internal') === true && vpcOrigin === undefined) {
            yield {
              at: distribution,
              reason: `${balancer.address} is internal, and the origin is no VPC origin: every request is answered 504`,
              fix: 'Write vpc_origin_config with an aws_cloudfront_vpc_origin, or make the load balancer internet-facing.',
            }
            continue
          }
          const port =
            vpcOrigin?.number('vpc_origin_endpoint_config', 'https_port') ??
            origin.number('custom_origin_config', 'https_port') ??
            443
          const admitted = ingress.some(
            (rule) =>
              (isCloudfront(rule) || isWorld(rule)) && rule.ports.from <= port && port <= rule.ports.to,
          )
          if (admitted) continue
          yield {
            at: distribution,
            reason: `no security group of ${balancer.address} admits CloudFront on port ${port}: every request is answered 504`,
            fix: 'Admit the prefix list com.amazonaws.global.cloudfront.origin-facing on that port.',
          }
        }
      }
    },
  },
  {
    name: 'edge-only',
    severity: 'warning',
    demand: 'A load balancer that only distributions call admits CloudFront and no one else on 80 and 443.',
    source,
    *check(terraform) {
      for (const { balancer, ingress } of origins(terraform)) {
        if (balancer.flag('internal') === true || directHosts(terraform, balancer).length > 0) continue
        for (const rule of ingress.filter(isWorld)) {
          const ports = [80, 443].filter((port) => rule.ports.from <= port && port <= rule.ports.to)
          if (ports.length === 0) continue
          yield {
            at: rule.at,
            reason: `everyone may connect to ${balancer.address} on ${ports.join(' and ')}, past the distributions`,
            fix: 'Admit the prefix list com.amazonaws.global.cloudfront.origin-facing on 443, and no one on 80.',
          }
        }
      }
    },
  },
]
