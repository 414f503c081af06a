/** `jobs.<name>`: a task that EventBridge Scheduler starts. */
import { z } from 'zod'
import { imageAndProcess, processOptions } from './container.ts'
import { environment, secrets } from './environment.ts'
import { imageSource } from './image-source.ts'
import { taskSize, taskSizeObject } from './service.ts'

export const job = z
  .strictObject({
    service: z.string().optional().meta({
      description:
        'Name of the service whose released image, environment, secrets and database user the job has. In place of an image of its own.',
    }),
    ...imageSource,
    ...processOptions,
    environment,
    secrets,
    schedule: z.string().min(1).meta({
      description:
        'When it runs, as EventBridge Scheduler writes it: `rate(1 hour)`, `cron(0 3 * * ? *)` or `at(2027-01-31T03:00:00)`.',
    }),
    timeZone: z.string().default('UTC').meta({
      description: 'Time zone of the schedule, such as `Asia/Seoul`.',
    }),
    timeoutMinutes: z.int().min(1).max(1440).default(60).meta({
      description: 'Time after which a run is stopped.',
    }),
    overlap: z.boolean().default(false).meta({
      description:
        'Whether a run may start while the one before still runs. If not, the new one is left out.',
    }),
    ...taskSize,
    stopTimeoutSeconds: z.int().min(2).max(120).default(60).meta({
      description: 'Time from SIGTERM to SIGKILL.',
      becomes: '`aws_ecs_task_definition` `stopTimeout`',
    }),
    database: z.boolean().optional().meta({
      description: 'Whether the job uses the database. Default: whether there is one.',
    }),
  })
  .meta({
    description: 'One job: a task that runs on a schedule and ends.',
    parts: [...imageAndProcess, taskSizeObject],
  })
