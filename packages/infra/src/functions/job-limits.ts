/**
 * The limits of jobs: a Lambda function that stops tasks which run longer than their job may, and tasks which began
 * while one before them still ran where the job forbids it. ECS has neither limit. It runs when a task of a job starts,
 * and once a minute.
 */
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'

interface JobLimits {
  readonly family: string
  readonly timeoutMinutes: number
  readonly overlap: boolean
}

const client = new ECSClient()

export async function handler(): Promise<void> {
  const cluster = setting('CLUSTER')
  const jobs: readonly JobLimits[] = JSON.parse(setting('JOBS'))
  for (const job of jobs) {
    const { taskArns = [] } = await client.send(
      new ListTasksCommand({ cluster, family: job.family, desiredStatus: 'RUNNING' }),
    )
    if (taskArns.length === 0) continue
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }))
    for (const { task, reason } of tooMany(tasks, job)) {
      console.log(`${task}: ${reason}`)
      await client.send(new StopTaskCommand({ cluster, task, reason }))
    }
  }
}

function tooMany(tasks: readonly Task[], job: JobLimits): { task: string; reason: string }[] {
  const created = ({ createdAt }: Task) => createdAt?.getTime() ?? 0
  const oldestFirst = [...tasks].sort(
    (a, b) => created(a) - created(b) || String(a.taskArn).localeCompare(String(b.taskArn)),
  )
  return oldestFirst.flatMap((task, index) => {
    const since = (task.startedAt ?? task.createdAt)?.getTime() ?? Date.now()
    const minutes = (Date.now() - since) / 60_000
    const reason =
      minutes > job.timeoutMinutes
        ? `It ran for more than ${job.timeoutMinutes} minutes.`
        : index > 0 && !job.overlap
          ? 'The run before it has not ended.'
          : undefined
    return reason === undefined || task.taskArn === undefined ? [] : [{ task: task.taskArn, reason }]
  })
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
