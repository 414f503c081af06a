/**
 * One migration at a time, from whichever machine it is started: a lease that expires. It is a log of
 * claims, the versions of one SSM parameter, and Parameter Store puts them in order: everyone reads the same log and
 * comes to the same holder. A claim that comes while another holds the lease is lost, and its caller is answered who
 * migrates. https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
 */
import { GetParameterHistoryCommand, ParameterNotFound, PutParameterCommand } from '@aws-sdk/client-ssm'
import { leaseParameter } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import type { Clock } from '../clock.ts'
import { ReleaseError } from '../release-error.ts'

type Entry =
  | { readonly claim: string; readonly version: string; readonly expiresAfterMs: number }
  | { readonly ends: number }

/** An entry as the log holds it: its number, and when Parameter Store took it. */
interface Numbered {
  readonly number: number
  readonly at: number
  readonly entry: Entry
}

export interface Holder {
  readonly number: number
  /** Who claimed it. */
  readonly by: string
  /** The version whose migration it is. */
  readonly version: string
  readonly since: number
  readonly until: number
}

export interface Lease {
  /** Number of the claim: unique for the platform. */
  readonly number: number
  end(): Promise<void>
}

export interface LeaseRequest {
  readonly platform: string
  readonly by: string
  readonly version: string
  /** Real milliseconds, after which it is no one's, whatever became of its holder. */
  readonly expiresAfterMs: number
  /** Whether a holder has come to its end without ending its lease: its command was killed. */
  readonly isOver: (holder: Holder) => Promise<boolean>
}

/** Throws `migration-under-way` where another one holds it. */
export async function takeLease(
  clients: Pick<Clients, 'ssm'>,
  request: LeaseRequest,
  clock: Clock,
): Promise<Lease> {
  const { platform, by, version, expiresAfterMs, isOver } = request
  for (let attempt = 1; ; attempt++) {
    const number = await append(clients, platform, { claim: by, version, expiresAfterMs })
    const holder = holderOf(await logUpTo(clients, platform, number, clock))
    if (holder?.number === number) return { number, end: () => end(clients, platform, number) }
    if (holder !== undefined && attempt < 3 && (await isOver(holder))) {
      await end(clients, platform, holder.number)
      continue
    }
    throw new ReleaseError(
      'migration-under-way',
      holder
        ? `The migration of ${holder.version} is under way, started by ${holder.by} at ${new Date(holder.since).toISOString()}.`
        : 'Another migration is under way.',
      'Wait for its end and release again; nothing has been changed.',
    )
  }
}

/** Who holds the lease after the last entry: the first claim that found it free, until it ends or expires. */
export function holderOf(log: readonly Numbered[]): Holder | undefined {
  let holder: Holder | undefined
  for (const { number, at, entry } of log) {
    if (holder !== undefined && at >= holder.until) holder = undefined
    if ('ends' in entry) {
      if (holder?.number === entry.ends) holder = undefined
    } else {
      holder ??= {
        number,
        by: entry.claim,
        version: entry.version,
        since: at,
        until: at + entry.expiresAfterMs,
      }
    }
  }
  return holder
}

const end = async (clients: Pick<Clients, 'ssm'>, platform: string, number: number) => {
  await append(clients, platform, { ends: number })
}

async function append({ ssm }: Pick<Clients, 'ssm'>, platform: string, entry: Entry): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { Version } = await ssm.send(
        new PutParameterCommand({
          Name: leaseParameter(platform),
          Description: 'Lease of the migration',
          Type: 'String',
          Value: JSON.stringify(entry),
          Overwrite: true,
        }),
      )
      return Version ?? 0
    } catch (error) {
      const busy = error instanceof Error && error.name === 'TooManyUpdates'
      if (!busy || attempt === 5) throw error
    }
  }
}

/** Reads may lag behind writes: a log that ends before the own claim is read again. */
async function logUpTo(
  clients: Pick<Clients, 'ssm'>,
  platform: string,
  number: number,
  clock: Clock,
): Promise<readonly Numbered[]> {
  for (let looks = 1; ; looks++) {
    const log = (await readLog(clients, platform)).filter((each) => each.number <= number)
    const [first] = log
    const isWhole =
      log.at(-1)?.number === number && first !== undefined && log.length === number - first.number + 1
    if (isWhole) return log
    if (looks === 10) {
      throw new ReleaseError(
        'migration-under-way',
        'Parameter Store does not show who holds the lease of the migration.',
        'Release again in a minute; nothing has been changed.',
      )
    }
    await clock.sleep(1_000)
  }
}

async function readLog({ ssm }: Pick<Clients, 'ssm'>, platform: string): Promise<readonly Numbered[]> {
  const log: Numbered[] = []
  let token: string | undefined
  try {
    do {
      const page = await ssm.send(
        new GetParameterHistoryCommand({
          Name: leaseParameter(platform),
          MaxResults: 50,
          ...(token ? { NextToken: token } : {}),
        }),
      )
      for (const { Version = 0, Value = '', LastModifiedDate } of page.Parameters ?? []) {
        log.push({ number: Version, at: LastModifiedDate?.getTime() ?? 0, entry: parse(Value) })
      }
      token = page.NextToken
    } while (token)
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error
  }
  return log.sort((a, b) => a.number - b.number)
}

/** What is no entry ends nothing and claims nothing. */
function parse(value: string): Entry {
  try {
    const entry: unknown = JSON.parse(value)
    if (typeof entry === 'object' && entry !== null && ('claim' in entry || 'ends' in entry))
      return entry as Entry
  } catch {
    // As below.
  }
  return { ends: 0 }
}
