/**
 * Writes to every store as fast as it answers, and remembers what was acknowledged: after a kill, all of that has to
 * be there. A write that was not answered may be there or not.
 */
import {
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  PutKeyCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore'
import {
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { Client } from 'pg'
import { eventually } from './invariants.ts'
import { names } from './platform.ts'
import type { Stage } from './stage.ts'

export interface Writers {
  /** Fails with what was acknowledged and is not there; resolves with how many were looked at. */
  check(): Promise<number>
  /** Resolves when the writers have ended. */
  stop(): Promise<void>
}

interface Writer {
  readonly name: string
  /** Resolves when the store has acknowledged `n`. */
  write(n: number): Promise<unknown>
  /** Which of these, ascending, the store does not have. */
  missing(acknowledged: readonly number[]): Promise<readonly number[]>
}

const pauseMs = 5

export function startWriters(stage: Stage, options: { keyValueStore: string; database: boolean }): Writers {
  const writers = [
    object(stage),
    multipart(stage),
    parameter(stage),
    secret(stage),
    log(stage),
    keyValue(stage, options.keyValueStore),
    ...(options.database ? [row(stage)] : []),
  ].map((writer) => ({ writer, acknowledged: [] as number[], checked: 0 }))
  let stopped = false
  const loops = writers.map(async ({ writer, acknowledged }) => {
    for (let n = 1; !stopped; n++) {
      if (stage.running()) {
        await writer.write(n).then(
          () => acknowledged.push(n),
          () => undefined,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  })
  return {
    async check() {
      let looked = 0
      for (const each of writers) {
        const { writer, acknowledged } = each
        const fresh = acknowledged.slice(each.checked)
        const missing = await writer.missing(fresh)
        if (missing.length > 0) throw new Error(`${writer.name}: ${missing} was acknowledged and is gone`)
        each.checked += fresh.length
        looked += fresh.length
      }
      return looked
    },
    async stop() {
      stopped = true
      await Promise.all(loops)
    },
  }
}

const padded = (n: number) => `${n} ${'x'.repeat(n % 5_000)}`

function object(stage: Stage): Writer {
  const target = (n: number) => ({ Bucket: names.bucket, Key: `objects/${n}` })
  return {
    name: 's3',
    write: (n) => stage.clients().s3.send(new PutObjectCommand({ ...target(n), Body: padded(n) })),
    missing: (all) => missingBodies(stage, all, target),
  }
}

function multipart(stage: Stage): Writer {
  const target = (n: number) => ({ Bucket: names.bucket, Key: `multipart/${n}` })
  return {
    name: 's3 multipart',
    async write(n) {
      const { s3 } = stage.clients()
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target(n)))
      const upload = { ...target(n), UploadId }
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: padded(n) }))
      const parts = { MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, ...parts }))
    },
    missing: (all) => missingBodies(stage, all, target),
  }
}

async function missingBodies(
  stage: Stage,
  all: readonly number[],
  target: (n: number) => { Bucket: string; Key: string },
): Promise<number[]> {
  const looked = await Promise.all(
    all.map(async (n) => {
      const { Body } = await stage.clients().s3.send(new GetObjectCommand(target(n)))
      return (await Body?.transformToString()) === padded(n) ? [] : [n]
    }),
  )
  return looked.flat()
}

/** Of a store that keeps the newest only. */
const older = (all: readonly number[], newest: unknown) => all.filter((n) => n > Number(newest)).slice(-1)

function parameter(stage: Stage): Writer {
  const Name = names.parameter
  return {
    name: 'ssm',
    write: (n) =>
      stage.clients().ssm.send(new PutParameterCommand({ Name, Value: String(n), Overwrite: true })),
    missing: async (all) =>
      older(all, (await stage.clients().ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value),
  }
}

function secret(stage: Stage): Writer {
  const SecretId = names.secret
  return {
    name: 'secretsmanager',
    write: (n) =>
      stage.clients().secrets.send(new PutSecretValueCommand({ SecretId, SecretString: String(n) })),
    missing: async (all) =>
      older(all, (await stage.clients().secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString),
  }
}

function log(stage: Stage): Writer {
  const stream = { logGroupName: names.logGroup, logStreamName: 'writer' }
  let made = false
  return {
    name: 'logs',
    async write(n) {
      const { logs } = stage.clients()
      if (!made) await logs.send(new CreateLogStreamCommand(stream)).catch(() => undefined)
      made = true
      const logEvents = [{ timestamp: Date.now(), message: `line-${n}` }]
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents }))
    },
    async missing(all) {
      const found = new Set<string | undefined>()
      for (let nextToken: string | undefined, first = true; first || nextToken; first = false) {
        const page = await stage
          .clients()
          .logs.send(new FilterLogEventsCommand({ logGroupName: names.logGroup, nextToken }))
        for (const { message } of page.events ?? []) found.add(message)
        nextToken = page.nextToken
      }
      return all.filter((n) => !found.has(`line-${n}`))
    },
  }
}

function keyValue(stage: Stage, KvsARN: string): Writer {
  return {
    name: 'keyvaluestore',
    async write(n) {
      const { keyValues } = stage.clients()
      const { ETag } = await keyValues.send(new DescribeKeyValueStoreCommand({ KvsARN }))
      await keyValues.send(new PutKeyCommand({ KvsARN, IfMatch: ETag, Key: 'count', Value: String(n) }))
    },
    missing: async (all) =>
      all.length === 0
        ? []
        : older(
            all,
            (await stage.clients().keyValues.send(new GetKeyCommand({ KvsARN, Key: 'count' }))).Value,
          ),
  }
}

/** Committed rows of the PostgreSQL server behind the database instance. */
function row(stage: Stage): Writer {
  let connected: { client: Client; emulator: unknown } | undefined
  const client = async () => {
    const emulator = stage.emulator()
    if (connected?.emulator === emulator) return connected.client
    const { names: bound } = await emulator.status()
    const socket = bound.find(({ name }) => name.startsWith(`${names.database}.`))?.socket
    const [host = '', port = ''] = socket?.split(':') ?? []
    const made = new Client({
      host,
      port: Number(port),
      user: 'kill',
      password: names.databasePassword,
      database: 'kill',
      ssl: { rejectUnauthorized: false },
    })
    const forget = () => {
      if (connected?.client === made) connected = undefined
    }
    made.on('error', forget).on('end', forget)
    await made.connect()
    await made.query('CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY)')
    connected = { client: made, emulator }
    return made
  }
  return {
    name: 'rds',
    write: async (n) => (await client()).query('INSERT INTO written VALUES ($1)', [n]),
    async missing(all) {
      // A server that was killed needs a moment.
      const { rows } = await eventually(async () => (await client()).query('SELECT n FROM written'), 30_000)
      const found = new Set(rows.map(({ n }) => Number(n)))
      return all.filter((n) => !found.has(n))
    },
  }
}
