/** `baton run`: runs a job once, now, and waits for its end. */
import { runJob } from '@baton/release'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type OnOption, onDestination, onOption } from '../on-destination.ts'
import { UsageError } from '../usage-error.ts'

export function addRun(program: Command): void {
  program
    .command('run')
    .summary('run a job once, now')
    .description(
      'Runs the version of a job that its schedule runs, as a task of its own; prints its log to standard error, waits for its end, and ends with the exit status of its container. Ctrl-C stops the task.',
    )
    .argument('<job>', 'name of a job: nightly')
    .addOption(onOption('where to run it'))
    .addHelpText('after', '\nExample:\n  $ baton run nightly --on aws')
    .action((argument: string, options: OnOption, command: Command) =>
      onDestination(command, options, async ({ described, clients, clock, terminal }) => {
        const job = argument.replace(/^job\//, '')
        const names = described.jobs.map(({ name }) => name)
        if (!names.includes(job)) {
          throw new UsageError(
            `There is no job "${job}".`,
            names.length > 0
              ? `Choose one of ${names.join(', ')}.`
              : 'Add one to `jobs` of the configuration.',
          )
        }
        const interruption = {
          during: `job/${job} ran`,
          left: 'Its task is being stopped.',
        }
        const request = {
          platform: described.name,
          job,
          onLine: (line: string) => process.stderr.write(`${line}\n`),
        }
        const run = await interruptible(interruption, (signal) =>
          runJob(clients, { ...request, signal }, clock, terminal.progress),
        )
        const seconds = (run.durationMs / 1000).toFixed(1)
        const ended = run.exitCode === undefined ? 'did not start' : `ended with exit status ${run.exitCode}`
        terminal.result(
          run,
          run.succeeded
            ? `job/${job} ${run.version} succeeded (${seconds} s).`
            : `job/${job} ${run.version} ${ended} (${seconds} s): ${run.reason ?? 'no reason given'}.`,
        )
        process.exitCode = run.succeeded ? 0 : run.exitCode || 1
      }),
    )
}
