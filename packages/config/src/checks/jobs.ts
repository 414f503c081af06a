/** Jobs: schedule, time zone, size, and the service whose image a job runs. */
import { isTimeZone, scheduleMistake } from '../limits/schedule.ts'
import type { Problem } from '../problems.ts'
import { didYouMean } from '../suggest.ts'
import type { Check } from './check.ts'
import { sizeProblem } from './services.ts'

export const checkJobs: Check = ({ jobs, services }) => {
  const names = services.map(({ name }) => name)
  return jobs.flatMap((job) => {
    const problems: (Problem | undefined)[] = [sizeProblem(job)]
    const mistake = scheduleMistake(job.schedule)
    if (mistake !== undefined) {
      problems.push({
        path: 'schedule',
        message: `"${job.schedule}" is no schedule: ${mistake}`,
        fix: 'Write it as EventBridge Scheduler does, e.g. "cron(0 3 * * ? *)" for every night at three.',
      })
    }
    if (!isTimeZone(job.timeZone)) {
      problems.push({
        path: 'timeZone',
        message: `there is no time zone "${job.timeZone}"`,
        fix: didYouMean(job.timeZone, Intl.supportedValuesOf('timeZone'), 'Write one such as "Asia/Seoul".'),
      })
    }
    if (job.name === 'job-limits') {
      problems.push({
        path: '',
        message: 'the platform has a schedule of this name',
        fix: 'Use another name.',
      })
    }
    if (job.service !== undefined && !names.includes(job.service)) {
      problems.push({
        path: 'service',
        message: `there is no service "${job.service}"`,
        fix: didYouMean(job.service, names, `Name one of the services: ${names.join(', ')}.`),
      })
    }
    return problems.flatMap((problem) =>
      problem === undefined
        ? []
        : [{ ...problem, path: [`jobs.${job.name}`, problem.path].filter(Boolean).join('.') }],
    )
  })
}
