/** The end of a task: a request is under way when SIGTERM comes, and has to be answered. */
import { setTimeout as sleep } from 'node:timers/promises'
import { broken, kept, notMeasured, type Observation } from '../subject/points.ts'
import type { Requests } from '../subject/requests.ts'
import type { MeasuredTask, ServiceAlone, StoppedTask } from '../subject/service-alone.ts'
import { ConnectionLost, openConnection, statusOf } from './http.ts'
import { commandLine } from './processes.ts'

/** A busy machine may take this long until the service has what was sent. */
const underWayMs = 1_000
/** The rest of the body comes this long after SIGTERM. */
const afterSignalMs = 1_000
/** 128 + SIGKILL. */
const killed = 137

export async function watchStop(
  service: ServiceAlone,
  task: MeasuredTask,
  requests: Requests,
): Promise<readonly Observation[]> {
  const command = commandLine(task.pid)
  await untilItServes(task, requests)
  const request = requests.write && (await beginWrite(task, requests.write, requests.host))
  const stopping = service.stop(task)
  await sleep(afterSignalMs)
  const finished = request
    ? await request.finish()
    : notMeasured('finishes-requests', 'no traffic file names a write')
  return [judgeSignal(await stopping, command), finished]
}

/** The database has just restarted: what a pool does with its broken connections is another matter. */
async function untilItServes(task: MeasuredTask, { readPath, host }: Requests): Promise<void> {
  const until = performance.now() + 60_000
  for (let served = 0; readPath !== undefined && served < 20 && performance.now() < until; ) {
    const answer = await statusOf(task.address, readPath, host, 5_000)
    served = answer?.status === 200 ? served + 1 : 0
    await sleep(20)
  }
}

function judgeSignal({ exitCode, tookMs }: StoppedTask, command: readonly string[] | undefined): Observation {
  const took = `${(tookMs / 1000).toFixed(1)} s after SIGTERM`
  if (exitCode !== killed)
    return kept('gets-sigterm', `it ended ${took}, with exit code ${exitCode ?? 'unknown'}`)
  const program = command?.[0]?.split('/').pop()
  const shell = program !== undefined && /^(sh|bash|dash|ash|busybox|npm|yarn|pnpm)$/.test(program)
  const first =
    command === undefined
      ? ''
      : `; its first process is \`${command.join(' ').slice(0, 120)}\`${shell ? ', which does not pass the signal on' : ''}`
  return broken('gets-sigterm', `it was killed ${took}${first}`)
}

/** Sends the head and half of the body. */
async function beginWrite(task: MeasuredTask, { path, body }: NonNullable<Requests['write']>, host: string) {
  const connection = await openConnection(task.address)
  const half = Math.floor(body.length / 2)
  connection.write(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, half)}`,
  )
  // So that the service has it before the signal.
  await sleep(underWayMs)
  return {
    async finish(): Promise<Observation> {
      const what = `POST ${path}, half sent before SIGTERM and half of it ${afterSignalMs / 1000} s later`
      try {
        if (connection.closedAt !== undefined) throw new ConnectionLost('the connection was closed')
        connection.write(body.slice(half))
        const { status } = await connection.read(15_000)
        return status < 300
          ? kept('finishes-requests', `${what}, got ${status}`)
          : broken('finishes-requests', `${what}, got ${status}`)
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
        return broken('finishes-requests', `${what}, got no answer: ${error.message}`)
      } finally {
        connection.close()
      }
    },
  }
}
