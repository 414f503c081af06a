/** `baton resume`: follows deployments again whose command was cut off. */
import { describeOutcome, type Followed, ReleaseError, resumeDeployment, type Settled } from '@baton/release'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type OnOption, onDestination, onOption } from '../on-destination.ts'
import { chosenTargets } from '../target.ts'

export function addResume(program: Command): void {
  program
    .command('resume')
    .summary('follow a deployment again that was cut off')
    .description(
      'Follows the deployments that are under way to their end, as the command that began them did: gives up on tasks that do not become healthy, resumes scaling, completes the record. Where a deployment has ended meanwhile, says how.',
    )
    .argument('[target]', 'service/admin; all services where none is named')
    .addOption(onOption('where the deployments are'))
    .addHelpText('after', '\nExamples:\n  $ baton resume\n  $ baton resume service/admin --on aws')
    .action((id: string | undefined, options: OnOption, command: Command) =>
      onDestination(command, options, async ({ described, clients, clock, terminal }) => {
        const targets = chosenTargets(described, id, 'service')
        const interruption = {
          during: 'deployments were being followed',
          left: 'Nothing was under way.',
        }
        const found = await interruptible(interruption, (signal) =>
          Promise.all(
            targets.map(({ name }) =>
              resumeDeployment(
                clients,
                { platform: described.name, service: name, signal },
                clock,
                terminal.progress,
              ),
            ),
          ),
        )
        const resumed = found.filter((each) => each !== undefined)
        const failed = resumed.filter((each) => !succeeded(each))
        if (failed.length > 0) {
          throw new ReleaseError(
            'deployment-failed',
            failed.map(describe).join(' '),
            'What ran before keeps serving. Fix the service, and release under a new version.',
          )
        }
        terminal.result(
          { deployments: resumed },
          resumed.length > 0 ? resumed.map(describe).join('\n') : 'No deployment is under way.',
        )
      }),
    )
}

const succeeded = (each: Followed | Settled) =>
  'settled' in each ? each.settled === 'succeeded' && !each.withoutTasks : each.succeeded

/** A sentence about how it ended. */
export function describe(each: Followed | Settled): string {
  const name = `service/${each.target}${each.version === undefined ? '' : ` ${each.version}`}`
  if (!('settled' in each)) {
    return each.succeeded
      ? `${name} serves.`
      : `${name} was not released: ${describeOutcome(each.deployment)}.`
  }
  if (each.withoutTasks) return `${name} is in place, but no tasks were started: deploy it again.`
  if (each.settled === 'succeeded') return `${name} serves; its deployment had ended meanwhile.`
  const back = each.settled === 'rolled-back' ? ' and was taken back' : ''
  return `${name} failed${back}${each.reason === undefined ? '' : `: ${each.reason}`}.`
}
