/** The destination of a container's output: the awslogs driver. */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { EcsDependencies } from '../model/dependencies.ts'
import { resourceInitialization } from './start-error.ts'

/**
 * Undefined without the awslogs driver. Standard output and error go to one stream, `prefix/container/task`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export function logOutput(
  dependencies: EcsDependencies,
  container: ContainerDefinition,
  taskId: string,
  now: () => number,
): ((lines: readonly string[]) => void) | undefined {
  const configuration = container.logConfiguration
  if (configuration?.logDriver !== 'awslogs') return undefined
  const group = configuration.options?.['awslogs-group'] ?? ''
  const prefix = configuration.options?.['awslogs-stream-prefix'] ?? ''
  const stream = `${prefix}/${container.name}/${taskId}`
  if (!dependencies.logs.put(group, stream, [])) {
    throw resourceInitialization(
      'failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ' +
        'ResourceNotFoundException: The specified log group does not exist. : exit status 1',
    )
  }
  return (lines) =>
    void dependencies.logs.put(
      group,
      stream,
      lines.map((message) => ({ timestamp: now(), message })),
    )
}
