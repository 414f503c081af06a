/** Scheduled tasks: no one waits for them, so someone must be notified when they fail. */
import type { Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import type { Terraform } from '../../model/terraform.ts'

/** Schedules whose target is a cluster: they run tasks. */
const taskSchedules = (terraform: Terraform): Resource[] =>
  terraform
    .all('aws_scheduler_schedule')
    .filter((schedule) => schedule.blocks('target', 'ecs_parameters').length > 0)

/** Whether some rule with a target is about tasks of ECS that have stopped. */
const hearsOfStoppedTasks = (terraform: Terraform): boolean =>
  terraform.all('aws_cloudwatch_event_rule').some((rule) => {
    const pattern = rule.text('event_pattern') ?? ''
    const targets = terraform.pointingAt(rule, 'aws_cloudwatch_event_target', 'rule')
    return targets.length > 0 && pattern.includes('ECS Task State Change') && pattern.includes('STOPPED')
  })

export const jobRules: readonly Rule[] = [
  {
    name: 'job-failures',
    severity: 'warning',
    demand: 'Someone is notified when the task of a schedule fails.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html',
    *check(terraform) {
      if (hearsOfStoppedTasks(terraform)) return
      for (const schedule of taskSchedules(terraform)) {
        yield {
          at: schedule,
          reason: 'its task may fail each time, and no rule of EventBridge is about tasks that stopped',
          fix: 'Add aws_cloudwatch_event_rule for "ECS Task State Change" with lastStatus STOPPED, and a target.',
        }
      }
    },
  },
  {
    name: 'job-revision',
    severity: 'warning',
    demand: 'An apply leaves the revision that a schedule runs to the releases.',
    source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html',
    *check(terraform) {
      for (const schedule of taskSchedules(terraform)) {
        const ignored = schedule.texts('lifecycle', 'ignore_changes')
        if (
          ignored.some((path) => path === 'all' || path === 'target' || path.includes('task_definition_arn'))
        )
          continue
        yield {
          at: schedule,
          reason: 'the next apply sets the revision that it was created with',
          fix: 'Write ignore_changes = [target[0].ecs_parameters[0].task_definition_arn], or let Terraform own the revision.',
        }
      }
    },
  },
]
