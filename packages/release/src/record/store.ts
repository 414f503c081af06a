/**
 * Where the records of releases are: one SSM parameter per target, whose versions are its history. Each write appends
 * a version, so two releases at once lose nothing of each other, and Parameter Store keeps the newest hundred: the
 * history is bounded without any work of ours. A release writes two, when it begins and when it ends.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
 */
import {
  DeleteParametersCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  type ParameterHistory,
  ParameterNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import { recordsParameter } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import type { ReleaseRecord, ReleaseTarget } from './release-record.ts'

type Ssm = Pick<Clients, 'ssm'>

/** A standard parameter holds 4 KB; what is longer than that is the reason of a failure. */
const longestReason = 1_000
const longestList = 1_000

/** Appends the record; a later one with the same id replaces it. */
export async function putRecord({ ssm }: Ssm, platform: string, record: ReleaseRecord): Promise<void> {
  const value = JSON.stringify(bounded(record))
  const put = new PutParameterCommand({
    Name: recordsParameter(platform, record.target),
    Description: 'Releases, newest last',
    Type: 'String',
    Value: value,
    Overwrite: true,
  })
  for (let attempt = 1; ; attempt++) {
    try {
      await ssm.send(put)
      return
    } catch (error) {
      // Another release of the target writes at this very moment.
      const busy = error instanceof Error && error.name === 'TooManyUpdates'
      if (!busy || attempt === 5) throw error
    }
  }
}

/** Releases of a target, newest first; none where there was none. */
export async function releaseRecords(
  clients: Ssm,
  platform: string,
  target: ReleaseTarget,
): Promise<readonly ReleaseRecord[]> {
  const records = new Map<string, ReleaseRecord>()
  for (const { Value } of await parameterHistory(clients, recordsParameter(platform, target))) {
    const record = parse(Value)
    if (record) records.set(record.id, record)
  }
  return [...records.values()].reverse()
}

/** All versions of a parameter, oldest first; none where there is no such parameter. */
async function parameterHistory({ ssm }: Ssm, name: string): Promise<readonly ParameterHistory[]> {
  const versions: ParameterHistory[] = []
  let token: string | undefined
  try {
    do {
      const page = await ssm.send(
        new GetParameterHistoryCommand({
          Name: name,
          MaxResults: 50,
          ...(token ? { NextToken: token } : {}),
        }),
      )
      versions.push(...(page.Parameters ?? []))
      token = page.NextToken
    } while (token)
  } catch (error) {
    if (error instanceof ParameterNotFound) return []
    throw error
  }
  return versions.sort((a, b) => (a.Version ?? 0) - (b.Version ?? 0))
}

/** Deletes the records of a platform. Terraform does not know them, so a destroy would leave them. */
export async function deleteRecords({ ssm }: Ssm, platform: string): Promise<number> {
  let deleted = 0
  for (;;) {
    const { Parameters = [] } = await ssm.send(
      new GetParametersByPathCommand({ Path: recordsParameter(platform), Recursive: true, MaxResults: 10 }),
    )
    const names = Parameters.flatMap(({ Name }) => Name ?? [])
    if (names.length === 0) return deleted
    const { DeletedParameters = [] } = await ssm.send(new DeleteParametersCommand({ Names: names }))
    if (DeletedParameters.length === 0) return deleted
    deleted += DeletedParameters.length
  }
}

function bounded(record: ReleaseRecord): ReleaseRecord {
  const { reason, contracts, ...rest } = record
  return {
    ...rest,
    ...(reason === undefined ? {} : { reason: reason.slice(0, longestReason) }),
    ...(contracts === undefined ? {} : { contracts: withinLength(contracts) }),
  }
}

/** The newest names, which are the last ones. */
function withinLength(names: readonly string[]): readonly string[] {
  let length = 0
  const kept = names.toReversed().filter((name) => {
    length += name.length + 3
    return length <= longestList
  })
  return kept.reverse()
}

/** Undefined for what is no record: others may write to the parameter too. */
function parse(value: string | undefined): ReleaseRecord | undefined {
  try {
    const record: unknown = JSON.parse(value ?? '')
    return isRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is ReleaseRecord =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  'version' in value &&
  'state' in value &&
  'startedAt' in value
