import { type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { originRules } from './origins.ts'

const admit = (port: number, peer: object) => ({
  security_group_id: ref('aws_security_group.main'),
  ip_protocol: 'tcp',
  from_port: port,
  to_port: port,
  ...peer,
})
const world = { cidr_ipv4: '0.0.0.0/0' }
const cloudfront = { prefix_list_id: ref('data.aws_ec2_managed_prefix_list.cloudfront') }
const rule = (host: string) => ({
  listener_arn: ref('aws_lb_listener.https', 'arn'),
  condition: [{ host_header: { values: [host] } }],
  action: [{ type: 'forward', target_group_arn: '' }],
})
const balancer: Resources = {
  'data.aws_ec2_managed_prefix_list.cloudfront': {
    name: 'com.amazonaws.global.cloudfront.origin-facing',
  },
  'aws_security_group.main': {},
  'aws_lb.main': { security_groups: [ref('aws_security_group.main')] },
  'aws_lb_listener.https': { load_balancer_arn: ref('aws_lb.main', 'arn'), port: 443 },
  'aws_lb_listener_rule.admin': rule('app-admin.keencho.com'),
}
const behind: Resources = {
  'aws_cloudfront_distribution.admin': {
    aliases: ['app-admin.keencho.com'],
    origin: { domain_name: ref('aws_lb.main', 'dns_name') },
  },
  ...balancer,
}
/** The same load balancer without public addresses. */
const internal = (origin: object): Resources => ({
  ...behind,
  'aws_lb.main': { security_groups: [ref('aws_security_group.main')], internal: true },
  'aws_cloudfront_vpc_origin.main': {
    vpc_origin_endpoint_config: { arn: ref('aws_lb.main', 'arn'), https_port: 8443 },
  },
  'aws_cloudfront_distribution.admin': {
    aliases: ['app-admin.keencho.com'],
    origin: { domain_name: ref('aws_lb.main', 'dns_name'), ...origin },
  },
})
const throughVpc = { vpc_origin_config: { vpc_origin_id: ref('aws_cloudfront_vpc_origin.main') } }
const fromCloudfront = { 'aws_vpc_security_group_ingress_rule.https': admit(443, cloudfront) }
const open = (port: number) => ({ 'aws_vpc_security_group_ingress_rule.open': admit(port, world) })

testRules(originRules, {
  'origin-reachable': {
    trips: behind,
    says: /admits CloudFront on port 443/,
    alsoTrips: [
      { ...behind, 'aws_vpc_security_group_ingress_rule.other': admit(443, { prefix_list_id: 'pl-1' }) },
      { ...behind, ...open(80) },
      // Not accessible on the internet, and a VPC origin calls the port that it names.
      { ...internal({}), ...fromCloudfront },
      { ...internal(throughVpc), ...fromCloudfront },
    ],
    passes: {
      ...internal(throughVpc),
      'aws_vpc_security_group_ingress_rule.https': admit(8443, cloudfront),
    },
  },
  'edge-only': {
    trips: { ...open(443), ...behind },
    says: /on 443, past the distributions/,
    alsoTrips: [{ ...behind, ...fromCloudfront, ...open(80) }],
    passes: {
      ...behind,
      ...fromCloudfront,
      // The test listener is no way past the edge: its rules demand the secret header.
      'aws_vpc_security_group_ingress_rule.test': admit(8443, world),
    },
  },
})

testRules(
  originRules.filter(({ name }) => name === 'edge-only'),
  {
    'edge-only': {
      trips: { ...open(443), ...behind },
      // A host that no distribution serves is called directly, so everyone must reach it.
      passes: { ...open(443), ...behind, 'aws_lb_listener_rule.direct': rule('direct.keencho.com') },
    },
  },
)
