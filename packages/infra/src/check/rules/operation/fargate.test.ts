import { testRules } from '../../rules.test-kit.ts'
import { fargateRules } from './fargate.ts'

const task = (cpu: unknown, memory: unknown) => ({
  'aws_ecs_task_definition.admin': { requires_compatibilities: ['FARGATE'], cpu, memory },
})

testRules(fargateRules, {
  'task-size': {
    trips: task('512', '512'),
    says: /512 CPU units with 512 MiB/,
    alsoTrips: [task('300', '1024'), task(undefined, undefined), task(4096, 30_721)],
    passes: { ...task('512', '1024'), 'aws_ecs_task_definition.ec2': { cpu: '300' } },
  },
})
