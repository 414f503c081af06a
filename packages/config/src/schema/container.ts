/** What every container of a task may have, the main one and those beside it. Names and bounds are ECS's. */
import { z } from 'zod'
import { environment, secrets } from './environment.ts'
import { imageSource, imageSourceObject } from './image-source.ts'
import { name, port } from './values.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
const containerHealthCheck = z
  .strictObject({
    command: z
      .array(z.string())
      .min(
        2,
        'Write how to run it and what, e.g. ["CMD", "wget", "-q", "-O", "-", "http://localhost:8080/"].',
      )
      .refine(([first]) => first === 'CMD' || first === 'CMD-SHELL', {
        error: 'Begin with "CMD" (a program and its arguments) or "CMD-SHELL" (one line for the shell).',
      })
      .meta({
        description:
          'Command that ends with 0 where the container is healthy. It starts with `CMD` or `CMD-SHELL`; its program must be in the image.',
        becomes: '`aws_ecs_task_definition` `healthCheck.command`',
      }),
    intervalSeconds: z.int().min(5).max(300).default(30).meta({
      description: 'Time between two checks.',
      becomes: '`aws_ecs_task_definition` `healthCheck.interval`',
    }),
    timeoutSeconds: z.int().min(2).max(60).default(5).meta({
      description: 'Time for the command.',
      becomes: '`aws_ecs_task_definition` `healthCheck.timeout`',
    }),
    retries: z.int().min(1).max(10).default(3).meta({
      description: 'Failures in a row after which the container is unhealthy.',
      becomes: '`aws_ecs_task_definition` `healthCheck.retries`',
    }),
    startPeriodSeconds: z.int().min(0).max(300).default(0).meta({
      description: 'Time after the start in which failures do not count.',
      becomes: '`aws_ecs_task_definition` `healthCheck.startPeriod`',
    }),
  })
  .meta({
    description:
      'ECS’s own check inside of the container. Not the load balancer’s, which is `health`; neither follows from the other.',
    typeName: 'ContainerHealthCheckInput',
  })

/** How the process of a container is started. */
export const processOptions = {
  command: z.array(z.string()).min(1).optional().meta({
    description: 'In place of the image’s command.',
    becomes: '`aws_ecs_task_definition` `command`',
  }),
  entryPoint: z.array(z.string()).min(1).optional().meta({
    description: 'In place of the image’s entry point.',
    becomes: '`aws_ecs_task_definition` `entryPoint`',
  }),
  user: z.string().min(1).optional().meta({
    description: 'User, or user and group, in place of the image’s.',
    becomes: '`aws_ecs_task_definition` `user`',
  }),
  workingDirectory: z.string().startsWith('/', 'Write an absolute path.').optional().meta({
    description: 'Working directory, in place of the image’s.',
    becomes: '`aws_ecs_task_definition` `workingDirectory`',
  }),
  readonlyRootFilesystem: z.boolean().default(false).meta({
    description:
      'Whether the container may write to its volumes only, and not to the file system of its image. Not together with `exec`.',
    becomes: '`aws_ecs_task_definition` `readonlyRootFilesystem`',
  }),
}

const processObject = z.strictObject(processOptions).meta({
  description: 'How the process of a container is started.',
  typeName: 'ProcessInput',
})

/** What else has an image and a process: jobs and migrations. */
export const imageAndProcess = [imageSourceObject, processObject] as const

/** What the main container of a service has too. */
export const containerOptions = {
  ...imageSource,
  ...processOptions,
  port: port.optional().meta({
    description:
      'Port that the container listens on. It gets it as `PORT`, a jar as `SERVER_PORT` too. Default: 8080 for the main container from `source` or `jar`, none for others.',
    becomes: '`aws_lb_target_group` `port`, `aws_ecs_task_definition` `portMappings`',
  }),
  healthCheck: containerHealthCheck.optional(),
  environment,
  secrets,
  dependsOn: z
    .record(name, z.enum(['START', 'COMPLETE', 'SUCCESS', 'HEALTHY']))
    .default({})
    .meta({
      description:
        'Containers of the task that must be in this state before this one starts. The main container has the service’s name.',
      becomes: '`aws_ecs_task_definition` `dependsOn`',
    }),
}

export const containerObject = z.strictObject(containerOptions).meta({
  description: 'What every container may have.',
  typeName: 'ContainerOptionsInput',
  parts: imageAndProcess,
})

export const container = z
  .strictObject({
    ...containerOptions,
    essential: z.boolean().default(true).meta({
      description: 'Whether the task stops when this container ends.',
      becomes: '`aws_ecs_task_definition` `essential`',
    }),
    cpu: z.int().min(1).optional().meta({
      description: 'CPU units of the task that are this container’s share. Absent: what others leave.',
      becomes: '`aws_ecs_task_definition` `cpu`',
    }),
    memoryMiB: z.int().min(6).optional().meta({
      description: 'Memory that ends the container when it uses more. Absent: that of the task.',
      becomes: '`aws_ecs_task_definition` `memory`',
    }),
  })
  .meta({
    description: 'One container beside the main one, such as nginx. They share the task’s localhost.',
    typeName: 'ContainerInput',
    parts: [containerObject],
  })
