/** `baton releases`: what was released, when, by whom, from which commit, and how it ended. */
import { type ReleaseRecord, type ReleaseTarget, releaseRecords } from '@baton/release'
import type { Command } from 'commander'
import { columns, duration, moment } from '../moment.ts'
import { type OnOption, onDestination, onOption } from '../on-destination.ts'
import { numberOption } from '../settings.ts'
import { targetNamed, targetsOf } from '../target.ts'

interface Options extends OnOption {
  limit: string
}

export function addReleases(program: Command): void {
  program
    .command('releases')
    .summary('show what was released, by whom, and how it ended')
    .description(
      'Shows the history of a service, a site or the migrations, newest first: version, result, when, by whom, from which commit. The records are in Parameter Store, so everyone sees the same.',
    )
    .argument('[target]', 'service/admin, site/admin or migration; all of them where none is named')
    .option('--limit <n>', 'releases per target', '10')
    .addOption(onOption('whose history'))
    .addHelpText('after', '\nExamples:\n  $ baton releases\n  $ baton releases service/admin --on aws --json')
    .action((id: string | undefined, options: Options, command: Command) =>
      onDestination(command, options, async ({ described, clients, terminal }) => {
        const limit = numberOption('--limit', options.limit, { min: 1, max: 100 }) ?? 10
        const all = [...targetsOf(described).map((target) => target.id), 'migration'] as ReleaseTarget[]
        const chosen = id === undefined ? all : id === 'migration' ? [id] : [targetNamed(described, id).id]
        const histories = await Promise.all(
          (chosen as ReleaseTarget[]).map(async (target) => ({
            target,
            releases: (await releaseRecords(clients, described.name, target)).slice(0, limit),
          })),
        )
        terminal.result({ targets: histories }, histories.flatMap(describeHistory).join('\n'))
      }),
    )
}

function describeHistory({ target, releases }: { target: string; releases: readonly ReleaseRecord[] }) {
  if (releases.length === 0) return [target, '  no release is recorded']
  return [target, ...columns(releases.map(row)).map((line) => `  ${line}`)]
}

const results = {
  'under-way': 'under way',
  succeeded: 'released',
  failed: 'failed',
  'rolled-back': 'taken back',
} as const

function row(release: ReleaseRecord): string[] {
  const { version, state, action, startedAt, endedAt, by, commit, dirty, from, reason, rehearsal } = release
  const result = action === 'rollback' && state === 'succeeded' ? 'rolled back to' : results[state]
  return [
    version,
    result,
    moment(startedAt),
    endedAt === undefined ? '' : duration(Date.parse(endedAt) - Date.parse(startedAt)),
    by,
    commit === undefined ? '' : `${commit.slice(0, 12)}${dirty ? ', changed' : ''}`,
    [
      from === undefined ? '' : `from ${from}`,
      rehearsal === undefined ? '' : `rehearsal: ${rehearsal.verdict}`,
      reason ?? '',
    ]
      .filter(Boolean)
      .join('; '),
  ]
}
