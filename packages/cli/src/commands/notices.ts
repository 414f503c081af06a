/** `baton notices`: what was published to SNS topics, as their subscribers would have received it. */
import type { EmulatorNotice } from '@baton/emulator/client'
import type { Command } from 'commander'
import { runningEmulator } from '../emulator/running-emulator.ts'
import { settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function addNotices(program: Command): void {
  program
    .command('notices')
    .summary('show what alarms and others published to SNS')
    .description(
      'Shows the inbox of the emulator: every message that was published to an SNS topic, such as alarms, with its subscribers. None of it leaves this machine.',
    )
    .option('--since <time>', 'only messages since then: 10m, 2h, or 2026-11-25T09:00:00Z')
    .option('--topic <name>', 'only this topic, by its name or its ARN')
    .addHelpText('after', '\nExample:\n  $ baton notices --since 10m')
    .action(async (options: { since?: string; topic?: string }, command: Command) => {
      const { stateDir, terminal } = settingsOf(command)
      const since = options.since === undefined ? undefined : momentOf(options.since)
      const emulator = await runningEmulator(stateDir)
      const notices = await emulator.notices({ since, topic: options.topic })
      terminal.result({ notices }, notices.map(describe).join('\n') || 'Nothing was published.')
    })
}

function momentOf(text: string): Date {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  // Date.parse alone takes "5" for a month.
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  const at = amount === undefined ? moment : Date.now() - Number(amount) * (unitMs[unit] ?? 0)
  if (!Number.isNaN(at)) return new Date(at)
  throw new UsageError(
    `--since is "${text}".`,
    'Give an age, --since 10m, or a time, --since 2026-11-25T09:00:00Z.',
  )
}

function describe({ notification, recipients }: EmulatorNotice): string {
  const { Timestamp, TopicArn, Subject, Message } = notification
  const topic = TopicArn.slice(TopicArn.lastIndexOf(':') + 1)
  const subscribed = recipients.map(
    ({ protocol, endpoint, pending }) => `${protocol} ${endpoint}${pending ? ' (unconfirmed)' : ''}`,
  )
  return [
    `${Timestamp}  ${topic}  ${Subject ?? ''}`.trimEnd(),
    `  ${reasonOf(Message) ?? Message}`,
    ...(subscribed.length > 0 ? [`  to ${subscribed.join(', ')}`] : []),
  ].join('\n')
}

/** Of an alarm only the reason is shown; the rest of its document is for programs. */
function reasonOf(message: string): string | undefined {
  try {
    const reason: unknown = JSON.parse(message)?.NewStateReason
    return typeof reason === 'string' ? reason : undefined
  } catch {
    return undefined
  }
}
