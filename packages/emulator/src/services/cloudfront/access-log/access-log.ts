/**
 * Standard logging (v2) of distributions: a line for each request, collected here and written to the bucket of each
 * delivery every few minutes of AWS's time, and when the emulator stops. It costs nothing where no delivery is.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '../../../clock.ts'
import type { LogDelivery } from '../../logs/contract.ts'
import type { RequestRecord } from '../edge/edge.ts'
import type { EdgeAnswer, EdgeRequest } from '../edge/message/messages.ts'
import type { Distribution } from '../model/distribution.ts'
import { defaultFields, isField, type ServedRequest } from './fields.ts'
import { type LogForm, logHead, logLine } from './formats.ts'

export interface AccessLog {
  /** Begins the record of a request, which ends with its connection; undefined where no delivery asks for it. */
  record(
    distribution: Distribution,
    request: EdgeRequest,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): RequestRecord | undefined
  /** Writes what was collected. */
  deliver(): Promise<void>
}

export interface AccessLogOptions {
  readonly clock: Clock
  readonly accountId: string
  /** Makes a file's name unique. */
  readonly newId: () => string
  readonly deliveriesOf: (distribution: Distribution) => readonly LogDelivery[]
  /** Writes a file; false where its bucket does not exist. */
  readonly write: (
    bucket: string,
    key: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
  ) => Promise<boolean>
}

/** Lines of one delivery that are held at most; more are written at once. */
const maxLines = 5_000
/** For how long what deliveries there are is not looked up again. */
const lookUpEveryMs = 1_000

interface Pending {
  readonly delivery: LogDelivery
  readonly form: LogForm
  readonly distributionId: string
  lines: string[]
}

export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { clock, accountId, newId, deliveriesOf, write } = options
  const pending = new Map<string, Pending>()
  const known = new Map<string, { readonly at: number; readonly deliveries: readonly Pending[] }>()
  const compress = promisify(gzip)

  /** Looked up once a second: a request must not pay for it. */
  function deliveries(distribution: Distribution): readonly Pending[] {
    const cached = known.get(distribution.id)
    if (cached !== undefined && clock.now() - cached.at < lookUpEveryMs) return cached.deliveries
    const found = deliveriesOf(distribution).map((delivery): Pending => {
      const key = `${delivery.id} ${distribution.id}`
      const lines = pending.get(key)?.lines ?? []
      const named = delivery.fields.filter(isField)
      const { format, delimiter } = delivery
      const form = { format, delimiter, fields: named.length > 0 ? named : defaultFields }
      const current = { delivery, form, distributionId: distribution.id, lines }
      pending.set(key, current)
      return current
    })
    known.set(distribution.id, { at: clock.now(), deliveries: found })
    return found
  }

  function add(distribution: Distribution, served: ServedRequest): void {
    for (const to of deliveries(distribution)) {
      to.lines.push(logLine(to.form, served))
      if (to.lines.length >= maxLines) writeFile(to).catch(report)
    }
  }

  async function writeFile(to: Pending): Promise<void> {
    const { lines, form, delivery, distributionId } = to
    if (lines.length === 0) return
    to.lines = []
    const now = new Date(clock.now())
    const body = await compress(logHead(form) + lines.join(''))
    const key = fileKey(delivery, { accountId, distributionId, now, unique: newId() })
    await write(delivery.bucket, key, body, { 'content-type': 'application/gzip' })
  }

  return {
    record(distribution, request, incoming, response) {
      if (deliveries(distribution).length === 0) return undefined
      return begin(distribution, request, incoming, response, clock.now, (served) =>
        add(distribution, served),
      )
    },
    async deliver() {
      for (const [key, to] of pending) {
        if (to.lines.length > 0) await writeFile(to)
        else pending.delete(key)
      }
      known.clear()
    },
  }
}

const report = (error: unknown) => console.error('an access log could not be written:', error)

/** `AWSLogs/<account>/CloudFront/`, the suffix of the delivery, and the file, named after the hour. */
function fileKey(
  { prefix, suffixPath, hiveCompatible }: LogDelivery,
  file: { accountId: string; distributionId: string; now: Date; unique: string },
): string {
  const [year = '', month = '', day = '', hour = ''] = file.now.toISOString().split(/[-T:]/)
  const named: Readonly<Record<string, readonly [hive: string, value: string]>> = {
    DistributionId: ['DistributionId', file.distributionId],
    distributionid: ['distributionid', file.distributionId],
    accountid: ['accountid', file.accountId],
    yyyy: ['year', year],
    MM: ['month', month],
    dd: ['day', day],
    HH: ['hour', hour],
  }
  const suffix = suffixPath.replace(/\{(\w+)\}/g, (variable, name: string) => {
    const found = named[name]
    if (found === undefined) return variable
    return hiveCompatible ? `${found[0]}=${found[1]}` : found[1]
  })
  const name = `${file.distributionId}.${year}-${month}-${day}-${hour}.${file.unique}.gz`
  return [prefix, 'AWSLogs', file.accountId, 'CloudFront', suffix.replace(/^\/|\/$/g, ''), name]
    .filter((part) => part !== '')
    .join('/')
}

function begin(
  distribution: Distribution,
  request: EdgeRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  now: () => number,
  done: (served: ServedRequest) => void,
): RequestRecord {
  const started = performance.now()
  const { socket } = incoming
  const written = socket.bytesWritten
  const tls =
    socket instanceof TLSSocket
      ? { protocol: socket.getProtocol() ?? '-', cipher: socket.getCipher()?.name ?? '-' }
      : undefined
  const viewer = { address: request.viewerAddress, port: socket.remotePort ?? 0 }
  let given: EdgeAnswer | undefined
  let firstByteMs: number | undefined
  response.once('close', () => {
    const cut = !response.writableFinished
    const totalMs = performance.now() - started
    done({
      distributionId: distribution.id,
      domainName: distribution.domainName,
      id: request.id,
      method: request.method,
      path: request.path,
      query: request.query,
      headers: request.headers,
      scheme: request.scheme,
      httpVersion: incoming.httpVersion,
      viewer,
      ...(tls === undefined ? {} : { tls }),
      // A viewer that left before there was an answer: 000.
      status: response.headersSent ? response.statusCode : 0,
      result: given === undefined || (cut && !response.headersSent) ? 'Error' : given.result,
      cut,
      answerHeaders: given?.headers ?? {},
      bytes: { received: receivedBytes(incoming), sent: Math.max(0, socket.bytesWritten - written) },
      endedAt: now(),
      firstByteMs: firstByteMs ?? totalMs,
      totalMs,
    })
  })
  return {
    answered(answer) {
      given = answer
      firstByteMs = performance.now() - started
    },
  }
}

/** The request line, the headers, and the body as far as its length was said. */
function receivedBytes({ method = '', url = '', rawHeaders, headers }: IncomingMessage): number {
  let bytes = method.length + url.length + ' HTTP/1.1\r\n\r\n'.length + 1
  for (const text of rawHeaders) bytes += text.length + 2
  return bytes + (Number(headers['content-length'] ?? 0) || 0)
}
