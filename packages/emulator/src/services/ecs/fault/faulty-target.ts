/**
 * What stands for a task in its target group while it has a fault: a server on loopback that passes requests on to the
 * task, or fails them as the fault says. It tells health checks by their user agent, as an application could.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Target } from '../../elbv2/contract.ts'
import type { Fault, FaultySpec } from './faults.ts'

export interface FaultyTarget {
  readonly target: Target
  /** Cuts off what is under way. */
  close(): void
}

/** How long a task that is ready too early cannot serve. */
const notReadyMs = 10_000
/** Idle connections are closed after this; 0 leaves that to the load balancer. */
const keepAliveMs: Partial<Readonly<Record<Fault, number>>> = {
  'short-keep-alive': 1_000,
  'default-keep-alive': 5_000,
}

export async function openFaultyTarget(task: Target, spec: FaultySpec): Promise<FaultyTarget> {
  const startedAt = performance.now()
  const agent = new Agent({ keepAlive: true })
  const server = createServer((incoming, response) => {
    const isCheck = incoming.headers['user-agent']?.startsWith('ELB-HealthChecker/') === true
    const answer = answerOf(spec.fault, isCheck, performance.now() - startedAt)
    if (answer === undefined) return pass(task, agent, incoming, response)
    incoming.resume()
    const version = spec.version === undefined ? {} : { 'x-app-version': spec.version }
    response.writeHead(answer, { 'content-type': 'application/json', ...version }).end('{"error":"fault"}')
  })
  await listen(server, keepAliveMs[spec.fault] ?? 0)
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has an address and a port')
  return {
    target: { id: address.address, port: address.port },
    close() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

async function listen(server: Server, idleMs: number): Promise<void> {
  server.keepAliveTimeout = idleMs
  server.keepAliveTimeoutBuffer = 0
  server.headersTimeout = 0
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** The status to answer in the task's place; undefined where the task itself answers. */
function answerOf(fault: Fault, isCheck: boolean, ageMs: number): number | undefined {
  if (fault === 'never-healthy') return isCheck ? 503 : undefined
  if (fault === 'fails-requests') return isCheck ? undefined : 500
  if (fault === 'ready-too-early' && isCheck) return 200
  return fault === 'ready-too-early' && ageMs < notReadyMs ? 503 : undefined
}

/** What breaks on the way to the task breaks the client's connection too. */
function pass(task: Target, agent: Agent, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url: path } = incoming
  const forwarded = request({
    host: task.id,
    port: task.port,
    agent,
    method,
    path,
    headers: Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
      name === 'connection' ? [] : values.flatMap((value) => [name, value]),
    ),
    setHost: false,
  })
  forwarded.on('response', (answer) => {
    const { connection: _connection, 'keep-alive': _keepAlive, ...headers } = answer.headers
    response.writeHead(answer.statusCode ?? 502, headers)
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  forwarded.on('error', () => response.destroy())
  response.on('close', () => forwarded.destroy())
  incoming.pipe(forwarded)
}
