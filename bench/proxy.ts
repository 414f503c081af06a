/**
 * The load balancer's path beside the proxies that people know: nginx, HAProxy and Caddy in front of the same back
 * end, in one run, in turns, one core each. How many requests a second each passes on, and what each adds to the
 * latency at rates that a rehearsal has. `npm run bench:proxy`
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BackEnd, startBackEnd } from './proxy/back-end.ts'
import { startEmulatorProxy } from './proxy/emulator.ts'
import { connections, type Latency, latency, type Throughput, throughput } from './proxy/measure.ts'
import { type Cores, find, shareCores } from './proxy/programs.ts'
import { proxyNames, type ReverseProxy, startProxy } from './proxy/proxies.ts'
import { printResults } from './proxy/results.ts'

const help = `Usage: node bench/proxy.ts [options]

The emulator's load balancer beside nginx, HAProxy and Caddy, as far as this machine has them.

  --quick          one round of one second: says whether the bench works, not how fast anything is
  --only <names>   some of emulator,nginx,haproxy,caddy
  --profile <dir>  write a processor profile of the emulator's process there (and be slower for it)
  --help
`

/** Requests per second, in the open loop. */
const rates = [300, 2_000]

const known: readonly string[] = ['emulator', ...proxyNames]
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: known.join() },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const { rounds, seconds, warmUpSeconds } = options.quick
  ? { rounds: 1, seconds: 1, warmUpSeconds: 1 }
  : { rounds: 5, seconds: 4, warmUpSeconds: 3 }

const wanted = options.only.split(',')
const unknown = wanted.filter((name) => !known.includes(name))

/** What was started, to be stopped in reverse. */
const closers: (() => unknown)[] = []
const interrupted = new AbortController()
const { signal } = interrupted

async function startAll(dir: string, cores: Cores): Promise<{ backEnd: BackEnd; proxies: ReverseProxy[] }> {
  const keep = <T extends { stop(): Promise<void> }>(started: T): T => {
    closers.push(started.stop)
    signal.throwIfAborted()
    return started
  }
  const backEnd = keep(await startBackEnd(dir, cores.backEnd))
  const common = { dir, backEndPort: backEnd.port, core: cores.proxy }
  const proxies: ReverseProxy[] = []
  if (wanted.includes('emulator')) {
    const profileDir = options.profile === undefined ? undefined : resolve(options.profile)
    if (profileDir !== undefined) mkdirSync(profileDir, { recursive: true })
    proxies.push(keep(await startEmulatorProxy({ ...common, profileDir })))
  }
  for (const name of proxyNames.filter((each) => wanted.includes(each))) {
    const proxy = await startProxy(name, common)
    if (proxy) proxies.push(keep(proxy))
    else console.log(`${name} is not on this machine: left out`)
  }
  return { backEnd, proxies }
}

function describe(backEnd: BackEnd, cores: Cores): string {
  const share =
    cores.proxy === undefined
      ? 'No program has a core of its own: this machine has only one, or no taskset.'
      : `The proxy under test has core ${cores.proxy} alone; back end on core ${cores.backEnd}, load on core ${cores.load}.`
  return `${share} Back end: ${backEnd.kind}. Load: ${connections} connections, ${generator()}.`
}

const generator = () => (find('wrk') === undefined ? 'node' : 'wrk')

async function measure(dir: string): Promise<void> {
  const cores = shareCores()
  const { backEnd, proxies } = await startAll(dir, cores)
  console.log(describe(backEnd, cores))
  for (const proxy of proxies) await throughput(proxy, { cores, seconds: warmUpSeconds, signal })

  const throughputs = new Map<string, Throughput[]>(proxies.map(({ name }) => [name, []]))
  const targets = [{ name: 'direct', port: backEnd.port }, ...proxies]
  const latencies = new Map(
    rates.map((rate) => [rate, new Map<string, Latency[]>(targets.map(({ name }) => [name, []]))]),
  )
  const conditions = { cores, seconds, signal }
  for (let round = 0; round < rounds; round++) {
    for (const proxy of proxies) {
      throughputs.get(proxy.name)?.push(await throughput(proxy, conditions))
    }
  }
  for (const rate of rates) {
    for (let round = 0; round < rounds; round++) {
      for (const target of targets) {
        latencies
          .get(rate)
          ?.get(target.name)
          ?.push(await latency(target, rate, conditions))
      }
    }
  }
  printResults({ rounds, seconds, backEnd: backEnd.kind, generator: generator(), throughputs, latencies })
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'baton-bench-proxy-'))
  closers.push(() => rmSync(dir, { recursive: true, force: true }))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort())
  try {
    await measure(dir)
  } catch (error) {
    // What was under way was stopped in the middle: whatever it failed with is no news.
    if (!signal.aborted) throw error
    console.error('interrupted')
    process.exitCode = 130
  } finally {
    for (const closer of closers.reverse()) await closer()
  }
}

if (options.help) console.log(help)
else if (unknown.length > 0) {
  console.error(`--only does not know ${unknown.join(', ')}; it knows ${known.join(', ')}.`)
  process.exitCode = 1
} else await main()
