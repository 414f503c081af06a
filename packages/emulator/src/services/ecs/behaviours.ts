/** Documented behaviour of ECS that the emulator changes on purpose, or does not have. */
import type { Behaviours } from '../../behaviours.ts'

const guide = (page: string) => `https://docs.aws.amazon.com/AmazonECS/latest/developerguide/${page}.html`
const api = (page: string) => `https://docs.aws.amazon.com/AmazonECS/latest/APIReference/${page}.html`

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'places tasks by launch type and capacity provider',
      page: guide('launch_types'),
      why: 'They are stored, and all of them mean this machine.',
    },
    {
      behaviour: 'gives credentials by AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      page: guide('task-iam-roles'),
      why: 'That is relative to 169.254.170.2, an address that a process cannot have for itself. SDKs get the full URI and a token.',
    },
    {
      behaviour: 'counts a health-check grace period from the moment a task runs',
      page: api('API_CreateService'),
      why: 'Until an application has answered once, the period is real time at any speed, and at least 60 s: a faster clock does not make an application start faster (decision 0006).',
    },
    {
      behaviour: 'describes stopped tasks for an hour at least',
      page: api('API_DescribeTasks'),
      why: 'The last 200 can be described, independent of time: memory stays constant at any speed.',
    },
    {
      behaviour: 'starts all tasks of a service at once',
      page: guide('ecs_services'),
      why: 'The tasks share this machine’s processors: a few start at a time, and the next one starts when one listens.',
    },
    {
      behaviour: 'documents the length of the back-off',
      page: guide('service-throttle-logic'),
      why: 'AWS documents only the longest, 27 minutes. Here the first is ten seconds, and each is twice as long as the one before.',
    },
    {
      behaviour: 'documents how long a deployment bakes, and the message when its alarms fail it',
      page: guide('deployment-alarm-failure'),
      why: 'AWS computes the time from the alarms. Here it is the longest period times evaluation periods, and a minute for the last data point. The event has AWS’s text; the reasons of the rollout and of the service deployment have the emulator’s.',
    },
  ],
  missing: [
    {
      behaviour: 'changes the deployment controller of a service in place',
      page: api('API_UpdateService'),
      why: 'A plan shows it in place, as in the provider, and the apply is refused with the reason: a service with another name can be created.',
    },
    {
      behaviour: 'ends a container that uses more memory than it may, with OutOfMemoryError',
      page: guide('stopped-task-error-codes'),
      why: 'Processor and memory of a process are not limited.',
    },
    {
      behaviour: 'mounts a volume read-only',
      page: api('API_MountPoint'),
      why: 'A mount point is a directory of this machine, and a process can write to it.',
    },
    {
      behaviour: 'lets the containers of a task reach each other by localhost',
      page: guide('fargate-task-networking'),
      why: 'They share the task’s address instead: HOST contains it, and localhost in the command of a health check means it.',
    },
    {
      behaviour: 'deploys blue/green, linear or canary under ECS’s own controller',
      page: guide('deployment-type-blue-green'),
      why: 'Refused with the reason: the emulator has ROLLING, and CODE_DEPLOY with CodeDeploy’s configurations.',
    },
    {
      behaviour: 'leaves the life of task sets to an EXTERNAL controller',
      page: guide('deployment-type-external'),
      why: 'Refused with the reason.',
    },
    {
      behaviour: 'registers tasks in several target groups',
      page: guide('register-multiple-targetgroups'),
      why: 'Refused with the reason: a service has one target group.',
    },
    {
      behaviour: 'finds services by service discovery or Service Connect',
      page: guide('interconnecting-services'),
      why: 'Refused with the reason.',
    },
    {
      behaviour: 'runs a command in a container by ECS Exec',
      page: guide('ecs-exec'),
      why: 'ExecuteCommand is refused; enableExecuteCommand is stored without effect.',
    },
    {
      behaviour: 'moves tasks between Availability Zones when one is empty again',
      page: guide('service-rebalancing'),
      why: 'Tasks are spread when they start and when a service scales in, and are not moved later.',
    },
    {
      behaviour: 'retires Fargate tasks for maintenance',
      page: guide('task-maintenance'),
      why: 'The emulator has no maintenance, and no fault simulates it.',
    },
    {
      behaviour: 'makes log groups, joins lines and drops them by the options of awslogs',
      page: guide('using_awslogs'),
      why: 'The options group and stream prefix are implemented; the others have no effect.',
    },
    {
      behaviour: 'sends logs with other drivers than awslogs',
      page: guide('using_firelens'),
      why: 'The output of such a container is discarded.',
    },
    {
      behaviour: 'lets a task protect itself at ECS_AGENT_URI',
      page: guide('task-scale-in-protection-endpoint'),
      why: 'UpdateTaskProtection protects tasks.',
    },
    {
      behaviour: 'reports disk and network statistics and clock drift at the metadata endpoint',
      page: guide('task-metadata-endpoint-v4-fargate-response'),
      why: 'A process of this machine has no own counters for them. Version 3 of the endpoint does not exist either.',
    },
    {
      behaviour: 'limits processes by ulimits, capabilities, users and a read-only root',
      page: api('API_ContainerDefinition'),
      why: 'Stored without effect: a task runs as the user of the emulator.',
    },
    {
      behaviour: 'applies the account’s settings',
      page: guide('ecs-account-settings'),
      why: 'They are stored and returned without effect: no cluster gets Container Insights, and no task retires.',
    },
  ],
}
