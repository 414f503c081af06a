import { type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { connectionRules } from './connections.ts'

const connect = (from: string, to: string, port: number): Resources => {
  const ports = { ip_protocol: 'tcp', from_port: port, to_port: port }
  const [own, other] = [ref(`aws_security_group.${from}`), ref(`aws_security_group.${to}`)]
  return {
    [`aws_vpc_security_group_egress_rule.${from}_${to}`]: {
      ...ports,
      security_group_id: own,
      referenced_security_group_id: other,
    },
    [`aws_vpc_security_group_ingress_rule.${to}_${from}`]: {
      ...ports,
      security_group_id: other,
      referenced_security_group_id: own,
    },
  }
}
const groups: Resources = {
  'aws_security_group.balancer': {},
  'aws_security_group.admin': {},
  'aws_security_group.database': {},
  'aws_security_group.logs': {},
}
const service: Resources = {
  'aws_ecs_service.admin': {
    network_configuration: { security_groups: [ref('aws_security_group.admin')] },
    load_balancer: [
      {
        container_name: 'admin',
        container_port: 8080,
        target_group_arn: ref('aws_lb_target_group.blue', 'arn'),
      },
    ],
    task_definition: ref('aws_ecs_task_definition.admin', 'arn'),
  },
  'aws_lb.main': { security_groups: [ref('aws_security_group.balancer')] },
  'aws_lb_listener.https': { load_balancer_arn: ref('aws_lb.main', 'arn') },
  'aws_lb_listener_rule.admin': {
    listener_arn: ref('aws_lb_listener.https', 'arn'),
    action: { type: 'forward', target_group_arn: ref('aws_lb_target_group.blue', 'arn') },
  },
  'aws_lb_target_group.blue': {},
  'aws_db_instance.main': { port: 5433, vpc_security_group_ids: [ref('aws_security_group.database')] },
  'aws_efs_mount_target.a': {
    file_system_id: ref('aws_efs_file_system.logs'),
    security_groups: [ref('aws_security_group.logs')],
  },
  'aws_efs_file_system.logs': {},
  'aws_ecs_task_definition.admin': {
    container_definitions: `[{"name":"admin","environment":[{"name":"PGHOST","value":"${ref('aws_db_instance.main', 'address')}"}]}]`,
    volume: { efs_volume_configuration: { file_system_id: ref('aws_efs_file_system.logs') } },
  },
  ...groups,
}
const stores = { ...connect('admin', 'database', 5433), ...connect('admin', 'logs', 2049) }
const inward = connect('balancer', 'admin', 8080)
const { 'aws_vpc_security_group_egress_rule.balancer_admin': _egress, ...oneSided } = inward

testRules(connectionRules, {
  'service-reachable': {
    trips: { ...service, ...stores, ...connect('balancer', 'admin', 9090) },
    says: /port 8080/,
    alsoTrips: [{ ...service, ...oneSided }],
    passes: { ...service, ...inward },
  },
  'store-reachable': {
    trips: { ...service, ...connect('admin', 'logs', 2049), ...connect('admin', 'database', 5432) },
    says: /database main.* port 5433/,
    alsoTrips: [{ ...service, ...connect('admin', 'database', 5433) }],
    passes: { ...service, ...stores },
  },
  'security-group-used': {
    trips: {
      'aws_security_group.admin': {},
      'aws_security_group.database': {},
      'aws_db_instance.main': { vpc_security_group_ids: [ref('aws_security_group.database')] },
      ...connect('admin', 'database', 5432),
    },
    passes: {
      'aws_security_group.admin': {},
      'aws_ssm_parameter.migration': { value: `{"securityGroups":["${ref('aws_security_group.admin')}"]}` },
    },
  },
  'default-security-group': {
    trips: { 'aws_vpc.main': {} },
    alsoTrips: [
      {
        'aws_vpc.main': {},
        'aws_default_security_group.default': { vpc_id: ref('aws_vpc.main'), ingress: [{ self: true }] },
      },
    ],
    passes: { 'aws_vpc.main': {}, 'aws_default_security_group.default': { vpc_id: ref('aws_vpc.main') } },
  },
})
