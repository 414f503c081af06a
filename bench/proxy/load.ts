/**
 * The load of the bench, a process of its own that prints one line of JSON.
 *
 * Closed: every connection sends its next request when the last one has been answered; what comes of it is how much
 * a proxy can do. Open: requests are due at a constant rate, whether the last ones have been answered or not, and
 * latency counts from when a request was due, so a proxy that stalls is charged with everything that waited.
 */
import { connect, type Socket } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

export interface LoadOptions {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** Requests per second of the open loop; closed without it. */
  readonly rate?: number
  /** How long at the beginning nothing is measured: connections are new, and who has slept wakes up. */
  readonly unmeasuredSeconds?: number
}

export interface LoadResult {
  readonly requests: number
  /** From the first request to the last answer. */
  readonly seconds: number
  /** Answers other than 200 and connections that broke, by their reason. */
  readonly failures: Readonly<Record<string, number>>
  readonly latencyMs: Quantiles
  /** How late requests were sent: for want of a free connection, or because the generator itself was late. */
  readonly lateMs: Quantiles
}

export interface Quantiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** When requests are due, by the clock that all threads share. */
interface Schedule {
  readonly startMs: number
  readonly everyMs: number
  readonly count: number
}

const nowMs = () => Number(process.hrtime.bigint()) / 1e6
const startDelayMs = 50
/** After the last request was due, for those that were not answered. */
const giveUpMs = 10_000
const request = Buffer.from('GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n')

interface Connection {
  readonly socket: Socket
  /** Called with what went wrong, or nothing, when the request is over. */
  done: ((failure?: string) => void) | undefined
  received: Buffer
}

function open(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    const connection: Connection = { socket, done: undefined, received: Buffer.alloc(0) }
    const broken = (failure: string) => {
      reject(new Error(failure))
      finish(connection, failure)
    }
    socket.on('connect', () => resolve(connection))
    socket.on('data', (chunk) => receive(connection, chunk))
    socket.on('error', (error) => broken(error.message))
    socket.on('close', () => broken('the connection was closed'))
  })
}

function send(connection: Connection, done: (failure?: string) => void): void {
  connection.done = done
  if (connection.socket.destroyed) finish(connection, 'the connection was closed')
  else connection.socket.write(request)
}

function finish(connection: Connection, failure?: string): void {
  const { done } = connection
  connection.done = undefined
  connection.received = Buffer.alloc(0)
  done?.(failure)
}

/** Answers of this bench are short and have a length; anything else is said, not guessed. */
function receive(connection: Connection, chunk: Buffer): void {
  const all = connection.received.length === 0 ? chunk : Buffer.concat([connection.received, chunk])
  connection.received = all
  const end = all.indexOf('\r\n\r\n')
  if (end < 0) return
  const head = all.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) return void finish(connection, 'an answer without Content-Length')
  if (all.length < end + 4 + Number(length)) return
  const status = head.slice(9, 12)
  finish(connection, status === '200' ? undefined : `status ${status}`)
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** Sends the load and resolves when everything has been answered. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: options.connections }, () => open(options.port)))
  const latencies: number[] = []
  const late: number[] = []
  const failures: Record<string, number> = {}
  let requests = 0
  const record = (dueMs: number, sentMs: number, failure: string | undefined) => {
    requests++
    if (dueMs >= measuredFromMs) {
      latencies.push(nowMs() - dueMs)
      late.push(sentMs - dueMs)
    }
    if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1
  }
  const startMs = nowMs() + startDelayMs
  const measuredFromMs = startMs + (options.unmeasuredSeconds ?? 0) * 1000
  if (options.rate === undefined) await closedLoop(connections, startMs + options.seconds * 1000, record)
  else {
    const count = Math.round(options.rate * options.seconds)
    await openLoop(connections, { startMs, everyMs: 1000 / options.rate, count }, record)
  }
  const seconds = (nowMs() - startMs) / 1000
  for (const { socket } of connections) socket.destroy()
  return {
    requests,
    seconds,
    failures,
    latencyMs: quantiles(latencies),
    lateMs: quantiles(late),
  }
}

type Recorder = (dueMs: number, sentMs: number, failure: string | undefined) => void

async function closedLoop(
  connections: readonly Connection[],
  endMs: number,
  record: Recorder,
): Promise<void> {
  const one = (connection: Connection) =>
    new Promise<void>((resolve) => {
      const next = () => {
        const sentMs = nowMs()
        if (sentMs >= endMs || connection.socket.destroyed) return resolve()
        send(connection, (failure) => {
          record(sentMs, sentMs, failure)
          next()
        })
      }
      next()
    })
  await Promise.all(connections.map(one))
}

/** A request without a free connection waits for one; its latency counts all the same. */
function openLoop(connections: readonly Connection[], schedule: Schedule, record: Recorder): Promise<void> {
  const idle = [...connections]
  const waiting: number[] = []
  let sent = 0
  let over = 0
  return new Promise((resolve, reject) => {
    const ticker = new Worker(new URL(import.meta.url), { workerData: schedule })
    const endsMs = schedule.startMs + schedule.count * schedule.everyMs + giveUpMs
    const timer = setTimeout(() => {
      finished()
      reject(new Error(`${schedule.count - over} of ${schedule.count} requests were not answered`))
    }, endsMs - nowMs())
    const finished = () => {
      clearTimeout(timer)
      ticker.terminate().catch(reject)
    }
    const start = (connection: Connection, dueMs: number) => {
      const sentMs = nowMs()
      send(connection, (failure) => {
        record(dueMs, sentMs, failure)
        if (++over === schedule.count) {
          finished()
          resolve()
          return
        }
        const next = waiting.shift()
        if (next === undefined) idle.push(connection)
        else start(connection, next)
      })
    }
    ticker.on('error', reject)
    ticker.on('message', () => {
      for (; sent < schedule.count; sent++) {
        const dueMs = schedule.startMs + sent * schedule.everyMs
        if (dueMs > nowMs()) return
        const connection = idle.shift()
        if (connection) start(connection, dueMs)
        else waiting.push(dueMs)
      }
    })
  })
}

/** Node's timers know whole milliseconds only, so a thread that does nothing else wakes the sender. */
function tick({ startMs, everyMs, count }: Schedule): void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (let index = 0; index < count; index++) {
    const left = startMs + index * everyMs - nowMs()
    if (left > 0) Atomics.wait(never, 0, 0, left)
    parentPort?.postMessage(index)
  }
}

if (!isMainThread) tick(workerData as Schedule)
else if (import.meta.main) {
  const options: LoadOptions = JSON.parse(process.argv[2] ?? '{}')
  console.log(JSON.stringify(await runLoad(options)))
}
