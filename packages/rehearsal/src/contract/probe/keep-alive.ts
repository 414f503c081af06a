/**
 * How long a service keeps idle connections, measured: connections are left idle for different times, all beside each
 * other, and then get a request each. The load balancer keeps them for 60 s by default.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { broken, kept, type Observation } from '../subject/points.ts'
import type { Address } from '../subject/service-alone.ts'
import { ConnectionLost, openConnection, requestText } from './http.ts'

/** In seconds: around the defaults of Node.js (5), many servers (20), and on both sides of the load balancer's 60. */
const idleAges = [4, 6, 20, 55, 65] as const

export interface IdleConnection {
  readonly ageSeconds: number
  /** Whether a request on it was answered after that time. */
  readonly open: boolean
  /** After how many seconds the service closed it, where it did. */
  readonly closedAfterSeconds?: number
}

export async function measureKeepAlive(
  address: Address,
  path: string,
  host: string,
  ages: readonly number[] = idleAges,
): Promise<readonly IdleConnection[]> {
  return Promise.all(ages.map((age) => measureOne(address, path, host, age)))
}

async function measureOne(
  address: Address,
  path: string,
  host: string,
  ageSeconds: number,
): Promise<IdleConnection> {
  const connection = await openConnection(address)
  try {
    connection.write(requestText('GET', path, host))
    await connection.read(5_000)
    const idleSince = performance.now()
    const until = idleSince + ageSeconds * 1000
    while (performance.now() < until && connection.closedAt === undefined) {
      await sleep(Math.min(100, Math.max(1, until - performance.now())))
    }
    if (connection.closedAt !== undefined) {
      const closedAfterSeconds = Math.round((connection.closedAt - idleSince) / 100) / 10
      return { ageSeconds, open: false, closedAfterSeconds }
    }
    connection.write(requestText('GET', path, host))
    await connection.read(5_000)
    return { ageSeconds, open: true }
  } catch (error) {
    if (error instanceof ConnectionLost) return { ageSeconds, open: false }
    throw error
  } finally {
    connection.close()
  }
}

export function judgeKeepAlive(
  connections: readonly IdleConnection[],
  idleTimeoutSeconds: number,
): Observation {
  const closed = connections.filter(({ open }) => !open)
  const measured = connections
    .map(
      ({ ageSeconds, open, closedAfterSeconds }) =>
        `${ageSeconds} s ${open ? 'open' : closedAfterSeconds === undefined ? 'lost' : `closed after ${closedAfterSeconds} s`}`,
    )
    .join(', ')
  return closed.length === 0
    ? kept('keeps-idle-connections', `idle connections: ${measured}`)
    : broken(
        'keeps-idle-connections',
        `idle connections: ${measured}; the load balancer keeps them for ${idleTimeoutSeconds} s`,
      )
}
