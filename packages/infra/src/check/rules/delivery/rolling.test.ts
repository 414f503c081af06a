import { testRules } from '../../rules.test-kit.ts'
import { rollingRules } from './rolling.ts'

const service = (body: object) => ({ 'aws_ecs_service.mailer': { ...body } })
const byCodeDeploy = { 'aws_ecs_service.admin': { deployment_controller: { type: 'CODE_DEPLOY' } } }

testRules(rollingRules, {
  'rolling-rollback': {
    trips: service({}),
    says: /again and again/,
    alsoTrips: [
      service({ deployment_controller: { type: 'ECS' } }),
      service({ deployment_circuit_breaker: { enable: true, rollback: false } }),
    ],
    passes: { ...service({ deployment_circuit_breaker: { enable: true, rollback: true } }), ...byCodeDeploy },
  },
  'rolling-alarms': {
    trips: service({}),
    alsoTrips: [service({ alarms: { enable: true, rollback: false, alarm_names: ['a'] } })],
    passes: {
      ...service({ alarms: { enable: true, rollback: true, alarm_names: ['a'] } }),
      ...byCodeDeploy,
    },
  },
})
