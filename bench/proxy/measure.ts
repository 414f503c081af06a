/** One measurement each: how much a proxy can do, and how long requests take at a rate. Both throw when one was lost. */
import { fileURLToPath } from 'node:url'
import type { LoadOptions, LoadResult } from './load.ts'
import { type Cores, find, processorMs, run } from './programs.ts'
import type { ReverseProxy } from './proxies.ts'

export const connections = 64

export interface Conditions {
  readonly cores: Cores
  readonly seconds: number
  readonly signal: AbortSignal
}

export interface Throughput {
  readonly requestsPerSecond: number
  /** Processor time of the proxy per request, in microseconds. */
  readonly processorUs: number | undefined
  /** Share of a core that the proxy used: below 1, something else was the limit. */
  readonly busy: number | undefined
}

export interface Latency {
  readonly p50: number
  readonly p99: number
}

const program = fileURLToPath(new URL('./load.ts', import.meta.url))

export async function throughput(proxy: ReverseProxy, conditions: Conditions): Promise<Throughput> {
  const before = processorMs(proxy.pid)
  const wrk = find('wrk')
  const { requests, seconds } = await (wrk === undefined
    ? load({ port: proxy.port, connections, seconds: conditions.seconds }, conditions, proxy.name)
    : byWrk(wrk, proxy, conditions))
  const after = processorMs(proxy.pid)
  const usedMs = before === undefined || after === undefined ? undefined : after - before
  return {
    requestsPerSecond: requests / seconds,
    processorUs: usedMs && (usedMs * 1000) / requests,
    busy: usedMs && usedMs / (seconds * 1000),
  }
}

/** Of each round of latency. */
const unmeasuredSeconds = 1

/** `name` and `port` of what the requests go to: a proxy, or the back end itself. */
export async function latency(
  to: { readonly name: string; readonly port: number },
  rate: number,
  conditions: Conditions,
): Promise<Latency> {
  const options = {
    port: to.port,
    connections,
    seconds: unmeasuredSeconds + conditions.seconds,
    rate,
    unmeasuredSeconds,
  }
  const { latencyMs } = await load(options, conditions, to.name)
  return { p50: latencyMs.p50, p99: latencyMs.p99 }
}

/**
 * Room for all that a round leaves behind, in MiB. A generator that collects its garbage in between, on a core that it
 * shares with the back end, holds requests up for 10 ms in every second and charges the proxy with it.
 */
const semiSpaceMiB = 64
const nodeOptions = [
  '--disable-warning=ExperimentalWarning',
  `--max-semi-space-size=${semiSpaceMiB}`,
  `--min-semi-space-size=${semiSpaceMiB}`,
]

async function load(options: LoadOptions, { cores, signal }: Conditions, name: string): Promise<LoadResult> {
  const args = [...nodeOptions, program, JSON.stringify(options)]
  const output = await run(process.execPath, args, { core: cores.load, signal })
  const line = output.trim().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) throw new Error(`${name}: the load ended without a result: ${output.trim()}`)
  const result: LoadResult = JSON.parse(line)
  const failed = Object.entries(result.failures).map(([reason, count]) => `${count} × ${reason}`)
  if (failed.length > 0) throw new Error(`${name}: requests failed: ${failed.join(', ')}`)
  return result
}

async function byWrk(
  wrk: string,
  { name, port }: ReverseProxy,
  { cores, seconds, signal }: Conditions,
): Promise<{ readonly requests: number; readonly seconds: number }> {
  const args = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, `http://127.0.0.1:${port}/`]
  const output = await run(wrk, args, { core: cores.load, signal })
  const [, requests, took, unit] = /(\d+) requests in ([\d.]+)(ms|s|m),/.exec(output) ?? []
  if (requests === undefined) throw new Error(`${name}: wrk ended without a result: ${output.trim()}`)
  const failed = /^ *(Non-2xx|Socket errors).*$/m.exec(output)?.[0]
  if (failed !== undefined) throw new Error(`${name}: requests failed: ${failed.trim()}`)
  const unitSeconds = { ms: 0.001, s: 1, m: 60 }[unit ?? 's'] ?? 1
  return { requests: Number(requests), seconds: Number(took) * unitSeconds }
}
