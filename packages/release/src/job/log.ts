/** The log of one task, read while it is written: the stream that the awslogs driver makes for its container. */
import { GetLogEventsCommand, ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'
import { type ContainerDefinition, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import type { Clients } from '../aws/clients.ts'

export interface TaskLog {
  readonly group: string
  readonly stream: string
  /** Calls `onLine` with the lines that are new since the last call. */
  read(onLine: (line: string) => void): Promise<void>
}

/** Undefined where the container does not log to CloudWatch. */
export async function taskLog(
  { ecs, logs }: Pick<Clients, 'ecs' | 'logs'>,
  task: { readonly taskDefinition: string; readonly containerName: string; readonly id: string },
): Promise<TaskLog | undefined> {
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: task.taskDefinition }),
  )
  const place = placeOf(taskDefinition?.containerDefinitions, task)
  if (place === undefined) return undefined
  let nextToken: string | undefined
  return {
    ...place,
    async read(onLine) {
      for (;;) {
        const page = await logs
          .send(
            new GetLogEventsCommand({
              logGroupName: place.group,
              logStreamName: place.stream,
              startFromHead: true,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
          )
          .catch((error: unknown) => {
            // Before the first line there is no stream.
            if (error instanceof ResourceNotFoundException) return undefined
            throw error
          })
        if (page === undefined) return
        for (const { message = '' } of page.events ?? []) onLine(message)
        const isLast = page.nextForwardToken === undefined || page.nextForwardToken === nextToken
        nextToken = page.nextForwardToken ?? nextToken
        if (isLast || (page.events ?? []).length === 0) return
      }
    },
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
function placeOf(
  containers: readonly ContainerDefinition[] | undefined,
  { containerName, id }: { readonly containerName: string; readonly id: string },
): { group: string; stream: string } | undefined {
  const log = containers?.find(({ name }) => name === containerName)?.logConfiguration
  const group = log?.options?.['awslogs-group']
  const prefix = log?.options?.['awslogs-stream-prefix']
  if (log?.logDriver !== 'awslogs' || group === undefined || prefix === undefined) return undefined
  return { group, stream: `${prefix}/${containerName}/${id}` }
}
