import { delivery, deliveryWith, without } from '../../delivery.test-kit.ts'
import { ref, testRules } from '../../rules.test-kit.ts'
import { routingRules } from './routing.ts'

const blue = ref('aws_lb_target_group.blue', 'arn')
const rule = 'aws_lb_listener_rule.admin'
const service = 'aws_ecs_service.admin'
const target = { container_name: 'admin', container_port: 8080, target_group_arn: blue }

testRules(routingRules, {
  'default-forward': {
    trips: deliveryWith('aws_lb_listener.https', {
      default_action: [{ type: 'forward', target_group_arn: blue }],
    }),
    passes: delivery,
  },
  'rule-ignores-action': {
    trips: deliveryWith(rule, { lifecycle: { ignore_changes: ['tags'] } }),
    alsoTrips: [deliveryWith('aws_lb_listener_rule.admin_test', { lifecycle: undefined })],
    passes: deliveryWith(rule, { lifecycle: { ignore_changes: 'all' } }),
  },
  'rule-forwards-to-both': {
    trips: deliveryWith(rule, { action: { type: 'forward', target_group_arn: blue } }),
    passes: delivery,
  },
  'pair-routed': {
    trips: without('aws_lb_listener_rule.admin_test'),
    at: 'aws_codedeploy_deployment_group.admin',
    says: /aws_lb_listener\.test/,
    passes: delivery,
  },
  'service-ignores-deployment': {
    trips: deliveryWith(service, { lifecycle: { ignore_changes: ['task_definition', 'desired_count'] } }),
    says: /: load_balancer$/,
    alsoTrips: [
      {
        'aws_ecs_service.scaled': {},
        'aws_appautoscaling_target.scaled': {
          resource_id: `service/main/${ref('aws_ecs_service.scaled', 'name')}`,
        },
      },
    ],
    passes: { ...delivery, 'aws_ecs_service.rolling': {} },
  },
  'service-target': {
    trips: deliveryWith(service, { load_balancer: { ...target, container_port: 9090 } }),
    says: /port 9090/,
    alsoTrips: [
      deliveryWith(service, { load_balancer: { ...target, container_name: 'other' } }),
      {
        ...deliveryWith(service, {
          load_balancer: { ...target, target_group_arn: ref('aws_lb_target_group.red', 'arn') },
        }),
        'aws_lb_target_group.red': {},
      },
    ],
    passes: delivery,
  },
  'rule-priority': {
    trips: {
      ...delivery,
      'aws_lb_listener_rule.user': { listener_arn: ref('aws_lb_listener.https', 'arn'), priority: 1 },
    },
    at: 'aws_lb_listener_rule.user',
    passes: delivery,
  },
})
