import { delivery, deliveryWith } from '../../delivery.test-kit.ts'
import { ref, testRules } from '../../rules.test-kit.ts'
import { timingRules } from './timing.ts'

const container = (stopTimeout?: number) => ({
  container_definitions: JSON.stringify([
    { name: 'admin', portMappings: [{ containerPort: 8080 }], stopTimeout },
  ]),
})
const definition = 'aws_ecs_task_definition.admin'
const blue = 'aws_lb_target_group.blue'
const edge = (config: object) => ({
  'aws_cloudfront_distribution.admin': {
    origin: [{ domain_name: ref('aws_lb.main', 'dns_name'), custom_origin_config: config }],
  },
  ...delivery,
})

testRules(timingRules, {
  'drain-fits-stop': {
    trips: deliveryWith(definition, container()),
    says: /killed 30 s .* 60 s/,
    alsoTrips: [deliveryWith(blue, { deregistration_delay: undefined })],
    passes: delivery,
  },
  'stop-timeout': {
    trips: deliveryWith(definition, container(180)),
    passes: deliveryWith(definition, container(120)),
  },
  'drain-fits-requests': {
    trips: deliveryWith(blue, { deregistration_delay: 30 }),
    says: /60 s, .* 30 s/,
    // Behind a distribution the distribution's time-out counts.
    passes: { ...edge({ origin_read_timeout: 30 }), [blue]: { deregistration_delay: '30' } },
  },
  'grace-period': {
    trips: deliveryWith('aws_ecs_service.admin', { health_check_grace_period_seconds: undefined }),
    passes: delivery,
  },
  'health-check': { trips: deliveryWith(blue, { health_check: { interval: 5 } }), passes: delivery },
  'origin-keep-alive': {
    trips: edge({ origin_keepalive_timeout: 60 }),
    alsoTrips: [
      { ...edge({}), 'aws_lb.main': { idle_timeout: 5 } },
      { ...edge({ origin_keepalive_timeout: 30 }), 'aws_lb.main': { client_keep_alive: 20 } },
    ],
    passes: edge({}),
  },
  'origin-read-timeout': { trips: edge({}), says: /30 s .*60 s/, passes: edge({ origin_read_timeout: 60 }) },
})
