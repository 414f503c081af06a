/** `baton logs`: what services, jobs and migrations print, by task and version, here or on AWS. */
import type { Platform } from '@baton/config'
import { type LogLine, readLogs } from '@baton/release'
import type { Command } from 'commander'
import { moment } from '../moment.ts'
import { observing } from '../observation.ts'
import { type OnOption, onOption } from '../on-destination.ts'
import { UsageError } from '../usage-error.ts'

interface Options extends OnOption {
  follow?: boolean
  since: string
  grep?: string
  taskId?: string
  appVersion?: string
}

export function addLogs(program: Command): void {
  program
    .command('logs')
    .summary('show what services, jobs and migrations print')
    .description(
      'Shows the lines of CloudWatch Logs in the order of time, with the part, the version and the task that wrote them. With --json one JSON object a line.',
    )
    .argument('[target]', 'service/admin, job/nightly or migration; all services where none is named')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--since <time>', 'how far back: 90s, 15m, 2h, 3d, or a time: 2026-11-29T10:00', '15m')
    .option('--grep <pattern>', 'only lines that match a regular expression')
    .option('--task-id <id>', 'only lines of this task; the beginning of its id is enough')
    .option('--app-version <version>', 'only lines of this version')
    .addOption(onOption('whose logs'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton logs service/admin --follow\n  $ baton logs migration --since 2h --on aws\n  $ baton logs --grep "timeout|refused" --app-version v2',
    )
    .action((target: string | undefined, options: Options, command: Command) =>
      observing(command, options, async ({ described, clients, terminal }) => {
        const parts = partsOf(described, target)
        const since = sinceOption(options.since)
        const wanted = filterOf(options)
        const controller = new AbortController()
        const end = () => controller.abort()
        if (options.follow) process.on('SIGINT', end).on('SIGTERM', end)
        try {
          const request = { platform: described, parts, since, follow: options.follow === true }
          await readLogs(clients, { ...request, signal: controller.signal }, (lines) => {
            for (const line of lines.filter(wanted)) {
              const text = terminal.json ? JSON.stringify(line) : textOf(line, terminal.paint.dim)
              process.stdout.write(`${text}\n`)
            }
          })
        } finally {
          process.off('SIGINT', end).off('SIGTERM', end)
        }
      }),
    )
}

const textOf = ({ at, part, version, task, message }: LogLine, dim: (text: string) => string) =>
  `${dim(`${moment(at)} ${part} ${version ?? '-'} ${task.slice(0, 8)}`)} ${message}`

/** Names of log groups: those of services, jobs, and the migration. */
function partsOf({ services, jobs, database }: Platform, target: string | undefined): readonly string[] {
  const known = new Map([
    ...services.map(({ name }) => [`service/${name}`, name] as const),
    ...jobs.map(({ name }) => [`job/${name}`, `job-${name}`] as const),
    ...(database?.migrations ? [['migration', 'migration'] as const] : []),
  ])
  if (target === undefined) return services.map(({ name }) => name)
  const part = new Map<string, string>(known).get(target)
  if (part !== undefined) return [part]
  throw new UsageError(
    `There is no target "${target}" that writes a log.`,
    `Choose one of ${[...known.keys()].join(', ')}.`,
  )
}

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds since the epoch; throws `UsageError`. */
export function sinceOption(text: string, now = Date.now()): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text.trim()) ?? []
  if (count !== undefined && unit !== undefined)
    return now - Number(count) * units[unit as keyof typeof units]
  const at = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new UsageError(
    `--since is "${text}".`,
    'Give a duration or a time: --since 15m, --since 2026-11-29T10:00.',
  )
}

/** Throws `UsageError` for a pattern that is none. */
function filterOf({ grep, taskId, appVersion }: Options): (line: LogLine) => boolean {
  const pattern = grep === undefined ? undefined : expressionOf(grep)
  return ({ message, task, version }) =>
    (pattern === undefined || pattern.test(message)) &&
    (taskId === undefined || task.startsWith(taskId)) &&
    (appVersion === undefined || version === appVersion)
}

function expressionOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new UsageError(
      `--grep is no regular expression: ${error instanceof Error ? error.message : error}.`,
      'Put a backslash before characters that stand for themselves: --grep "a\\(b".',
    )
  }
}
