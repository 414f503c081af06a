import { type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { exposureRules } from './exposure.ts'

const world = (port: number) => ({
  security_group_id: ref('aws_security_group.main'),
  cidr_ipv4: '0.0.0.0/0',
  ip_protocol: 'tcp',
  from_port: port,
  to_port: port,
})
const balancer: Resources = {
  'aws_security_group.main': {},
  'aws_lb.main': { security_groups: [ref('aws_security_group.main')] },
  'aws_lb_listener.test': { load_balancer_arn: ref('aws_lb.main', 'arn'), port: 8443 },
}
const forward = {
  listener_arn: ref('aws_lb_listener.test', 'arn'),
  action: [{ type: 'forward', target_group_arn: '' }],
}
const header = (value: string) => ({
  condition: [{ http_header: { http_header_name: 'X-Origin-Verify', values: ['old', value] } }],
})
const distribution = {
  aliases: ['app-admin.keencho.com'],
  origin: {
    domain_name: ref('aws_lb.main', 'dns_name'),
    custom_header: [{ name: 'x-origin-verify', value: 'new' }],
  },
}
const toHttps = { ...forward, listener_arn: ref('aws_lb_listener.https', 'arn') }
const toBlue = {
  ...toHttps,
  action: { type: 'forward', target_group_arn: ref('aws_lb_target_group.blue', 'arn') },
}
const host = (name: string) => ({ condition: { host_header: { values: [name] } } })
const production: Resources = {
  ...balancer,
  'aws_lb_listener.https': { load_balancer_arn: ref('aws_lb.main', 'arn'), port: 443 },
  'aws_cloudfront_distribution.admin': distribution,
}
const database = { vpc_security_group_ids: [ref('aws_security_group.database')] }
const toDatabase = (peer: object) => ({
  security_group_id: ref('aws_security_group.database'),
  ip_protocol: 'tcp',
  from_port: 5432,
  to_port: 5432,
  ...peer,
})

testRules(exposureRules, {
  'open-ingress': {
    trips: { 'aws_vpc_security_group_ingress_rule.ssh': world(22), ...balancer },
    says: /load balancer main on 22/,
    alsoTrips: [
      // No service may be called by everyone, whatever the port.
      {
        'aws_vpc_security_group_ingress_rule.https': world(443),
        'aws_security_group.main': {},
        'aws_ecs_service.admin': {
          network_configuration: { security_groups: [ref('aws_security_group.main')] },
        },
      },
      { 'aws_security_group.main': { ingress: { protocol: '-1', ipv6_cidr_blocks: ['::/0'] } } },
      {
        'aws_security_group.main': {},
        'aws_security_group_rule.ssh': {
          type: 'ingress',
          security_group_id: ref('aws_security_group.main'),
          protocol: 'tcp',
          from_port: 0,
          to_port: 1024,
          cidr_blocks: ['10.0.0.0/8', '0.0.0.0/0'],
        },
      },
    ],
    passes: {
      ...balancer,
      'aws_vpc_security_group_ingress_rule.http': world(80),
      'aws_vpc_security_group_ingress_rule.https': world(443),
      'aws_vpc_security_group_ingress_rule.test': world(8443),
      'aws_vpc_security_group_ingress_rule.office': { ...world(22), cidr_ipv4: '203.0.113.0/24' },
      'aws_vpc_security_group_egress_rule.all': { ...world(0), ip_protocol: '-1' },
    },
  },
  'secret-header': {
    trips: { 'aws_lb_listener_rule.test': forward, ...balancer },
    says: /port 8443/,
    alsoTrips: [
      {
        ...production,
        'aws_lb_listener_rule.admin': { ...toHttps, ...host('app-admin.keencho.com') },
      },
      // A host of its own is no excuse for a way around the header to the same targets.
      {
        ...production,
        'aws_lb_target_group.blue': {},
        'aws_lb_listener_rule.guarded': { ...toBlue, ...header('new') },
        'aws_lb_listener_rule.other': { ...toBlue, ...host('other.keencho.com') },
      },
    ],
    passes: {
      ...balancer,
      'aws_lb_listener_rule.test': { ...forward, ...header('new') },
      ...production,
      'aws_lb_listener_rule.other': { ...toHttps, ...host('app-admin-test.keencho.com') },
    },
  },
  'header-accepted': {
    trips: {
      'aws_cloudfront_distribution.admin': distribution,
      ...balancer,
      'aws_lb_listener_rule.test': { ...forward, ...header('newer') },
    },
    passes: {
      'aws_cloudfront_distribution.admin': distribution,
      ...balancer,
      'aws_lb_listener_rule.test': { ...forward, ...header('new') },
    },
  },
  'database-public': {
    trips: { 'aws_db_instance.main': { publicly_accessible: true } },
    passes: { 'aws_db_instance.main': { publicly_accessible: false }, 'aws_db_instance.other': {} },
  },
  'database-reachable': {
    trips: {
      'aws_vpc_security_group_ingress_rule.office': toDatabase({ cidr_ipv4: '10.0.0.0/16' }),
      'aws_security_group.database': {},
      'aws_db_instance.main': database,
    },
    says: /10\.0\.0\.0\/16 may connect to the database main/,
    alsoTrips: [
      {
        'aws_security_group.database': {},
        'aws_db_instance.main': database,
        ...balancer,
        'aws_vpc_security_group_ingress_rule.balancer': toDatabase({
          referenced_security_group_id: ref('aws_security_group.main'),
        }),
      },
    ],
    passes: {
      'aws_security_group.database': {},
      'aws_security_group.admin': {},
      'aws_db_instance.main': database,
      'aws_ecs_service.admin': {
        network_configuration: { security_groups: [ref('aws_security_group.admin')] },
      },
      'aws_vpc_security_group_ingress_rule.admin': toDatabase({
        referenced_security_group_id: ref('aws_security_group.admin'),
      }),
    },
  },
})
