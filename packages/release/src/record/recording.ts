/**
 * Recording a release while it runs. A record that cannot be written never stops a release: the permission may be
 * missing on a platform that was applied by an earlier version. It is reported instead.
 */
import { randomUUID } from 'node:crypto'
import type { Clients } from '../aws/clients.ts'
import type { OnProgress } from '../progress.ts'
import type { ReleaseRecord } from './release-record.ts'
import { putRecord } from './store.ts'

export type RecordStart = Omit<ReleaseRecord, 'id' | 'state' | 'startedAt' | 'endedAt'>

export interface Recording {
  /** Writes what came of it. */
  end(result: Pick<ReleaseRecord, 'state'> & Partial<ReleaseRecord>): Promise<void>
}

/** Writes that the release has begun. `again` is the record of a release that was cut off: it is continued. */
export async function startRecording(
  clients: Pick<Clients, 'ssm'>,
  platform: string,
  start: RecordStart,
  onProgress?: OnProgress,
): Promise<Recording> {
  const record: ReleaseRecord = {
    ...start,
    id: randomUUID(),
    state: 'under-way',
    startedAt: new Date().toISOString(),
  }
  await written(clients, platform, record, onProgress)
  return continueRecording(clients, platform, record, onProgress)
}

/** For a record that exists already: of a release that was cut off. */
export function continueRecording(
  clients: Pick<Clients, 'ssm'>,
  platform: string,
  record: ReleaseRecord,
  onProgress?: OnProgress,
): Recording {
  return {
    end: (result) =>
      written(clients, platform, { ...record, endedAt: new Date().toISOString(), ...result }, onProgress),
  }
}

async function written(
  clients: Pick<Clients, 'ssm'>,
  platform: string,
  record: ReleaseRecord,
  onProgress: OnProgress | undefined,
): Promise<void> {
  try {
    await putRecord(clients, platform, record)
  } catch (error) {
    onProgress?.({
      target: record.target.split('/').at(-1) ?? record.target,
      step: 'record the release',
      state: 'failed',
      detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    })
  }
}
