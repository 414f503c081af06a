/** What AWS documents of ECS and the emulator does otherwise, or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = (page: string) => `https://docs.aws.amazon.com/AmazonECS/latest/developerguide/${page}.html`
const api = (page: string) => `https://docs.aws.amazon.com/AmazonECS/latest/APIReference/${page}.html`

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'places tasks by launch type and capacity provider',
      page: guide('launch_types'),
      why: 'They are kept and all mean this machine.',
    },
    {
      behaviour: 'gives credentials by AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      page: guide('task-iam-roles'),
      why: 'That is relative to 169.254.170.2, which no process can have for itself: SDKs get the full URI and a token.',
    },
    {
      behaviour: 'counts a health-check grace period from the moment a task runs',
      page: api('API_CreateService'),
      why: 'While an application has not answered once, the period is real time at any speed, 60 s at least: a faster clock does not make it start faster (decision 0006).',
    },
    {
      behaviour: 'describes stopped tasks for an hour at least',
      page: api('API_DescribeTasks'),
      why: 'The last 200 can be described, however long ago they stopped: memory stays constant at any speed.',
    },
    {
      behaviour: 'starts all tasks of a service at once',
      page: guide('ecs_services'),
      why: 'They share this machine’s processors: a few start at a time, the next when one listens.',
    },
    {
      behaviour: 'says how long the pauses of the back-off are',
      page: guide('service-throttle-logic'),
      why: 'AWS names their longest, 27 minutes; here they begin with ten seconds and double.',
    },
    {
      behaviour: 'says how long a deployment bakes, and the words in which its alarms fail it',
      page: guide('deployment-alarm-failure'),
      why: 'AWS computes the time from the alarms: here it is the longest period times evaluation periods, and a minute for the last data point. The event is AWS’s; the reasons of the rollout and of the service deployment are the emulator’s words.',
    },
  ],
  missing: [
    {
      behaviour: 'changes the deployment controller of a service in place',
      page: api('API_UpdateService'),
      why: 'A plan shows it in place, as the provider has it, and the apply is refused by name: under another name the service is made anew.',
    },
    {
      behaviour: 'ends a container that uses more memory than it may, with OutOfMemoryError',
      page: guide('stopped-task-error-codes'),
      why: 'Processor and memory of a process are not limited.',
    },
    {
      behaviour: 'mounts a volume read-only',
      page: api('API_MountPoint'),
      why: 'A mount point is a directory of this machine, which a process may write to.',
    },
    {
      behaviour: 'lets the containers of a task reach each other by localhost',
      page: guide('fargate-task-networking'),
      why: 'They share the task’s address instead: HOST names it, and in the command of a health check localhost means it.',
    },
    {
      behaviour: 'deploys blue/green, linear or canary under ECS’s own controller',
      page: guide('deployment-type-blue-green'),
      why: 'Refused by name: ROLLING, or CODE_DEPLOY with CodeDeploy’s configurations.',
    },
    {
      behaviour: 'leaves the life of task sets to an EXTERNAL controller',
      page: guide('deployment-type-external'),
      why: 'Refused by name.',
    },
    {
      behaviour: 'registers tasks in several target groups',
      page: guide('register-multiple-targetgroups'),
      why: 'Refused by name: one target group for a service.',
    },
    {
      behaviour: 'finds services by service discovery or Service Connect',
      page: guide('interconnecting-services'),
      why: 'Refused by name.',
    },
    {
      behaviour: 'runs a command in a container by ECS Exec',
      page: guide('ecs-exec'),
      why: 'ExecuteCommand is refused; enableExecuteCommand is kept.',
    },
    {
      behaviour: 'moves tasks between Availability Zones when one is empty again',
      page: guide('service-rebalancing'),
      why: 'Tasks are spread when they start and when a service scales in, and not moved later.',
    },
    {
      behaviour: 'retires Fargate tasks for maintenance',
      page: guide('task-maintenance'),
      why: 'Nothing needs it here, and no fault plays it yet.',
    },
    {
      behaviour: 'makes log groups, joins lines and drops them by the options of awslogs',
      page: guide('using_awslogs'),
      why: 'Of its options group and stream prefix count; the others have no effect.',
    },
    {
      behaviour: 'sends logs with other drivers than awslogs',
      page: guide('using_firelens'),
      why: 'The lines of such a container go nowhere.',
    },
    {
      behaviour: 'lets a task protect itself at ECS_AGENT_URI',
      page: guide('task-scale-in-protection-endpoint'),
      why: 'UpdateTaskProtection does it.',
    },
    {
      behaviour: 'tells disk and network statistics and the clock’s drift at the metadata endpoint',
      page: guide('task-metadata-endpoint-v4-fargate-response'),
      why: 'A process of this machine has none of its own. Version 3 of the endpoint is not there either.',
    },
    {
      behaviour: 'limits processes by ulimits, capabilities, users and a read-only root',
      page: api('API_ContainerDefinition'),
      why: 'Kept without effect: a task runs as the emulator’s own user.',
    },
    {
      behaviour: 'does what the account’s settings say',
      page: guide('ecs-account-settings'),
      why: 'They are kept and answered; no cluster gets Container Insights by one, and no task retires.',
    },
  ],
}
