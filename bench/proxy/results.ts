/** What the bench prints: a table for people, and one line of JSON that names each figure. */
import type { Latency, Throughput } from './measure.ts'

export interface Results {
  readonly rounds: number
  readonly seconds: number
  readonly backEnd: string
  readonly generator: string
  /** Per proxy, one per round. */
  readonly throughputs: ReadonlyMap<string, readonly Throughput[]>
  /** Per rate, per proxy or `direct`, one per round. */
  readonly latencies: ReadonlyMap<number, ReadonlyMap<string, readonly Latency[]>>
}

/** The figure to reach: what the emulator may add to the latency at the 99th percentile. */
const limitMs = 3
/** Direct requests that take longer, at the 99th percentile, waited for the machine. */
const quietMs = 1

type Row = Record<string, string>

export function printResults(results: Results): void {
  const names = [...results.throughputs.keys()]
  const perSecond = new Map(names.map((name) => [name, rateOf(results, name)]))
  const emulator = perSecond.get('emulator')
  const rows = names.map((name): Row => {
    const own = results.throughputs.get(name) ?? []
    const busy = medianOf(own, ({ busy: share }) => share)
    const processorUs = medianOf(own, (each) => each.processorUs)
    return {
      proxy: name,
      'req/s': grouped(perSecond.get(name)),
      'emulator = 1.00': emulator === undefined ? '-' : fixed((perSecond.get(name) ?? 0) / emulator, 2),
      'CPU/req': processorUs === undefined ? '-' : `${fixed(processorUs, 1)} µs`,
      core: busy === undefined ? '-' : `${Math.round(busy * 100)} %`,
      ...latencyColumns(results, name),
    }
  })
  const direct = Object.fromEntries(Object.keys(rows[0] ?? {}).map((column) => [column, '']))
  printTable([...rows, { ...direct, proxy: 'direct', ...latencyColumns(results, 'direct') }])
  console.log(
    'p50 and p99: what each proxy adds to direct, in ms, from when a request was due; direct as it is.',
  )
  console.log(`Median of ${results.rounds} round(s) of ${results.seconds} s.`)
  const directP99 = Math.max(...Object.values(directP99s(results)))
  if (directP99 > quietMs) {
    const ms = fixed(directP99, 1)
    console.log(`This machine was busy: direct requests alone took ${ms} ms at p99, so latencies say little.`)
  }
  const worst = Math.max(...Object.values(addedBy(results, 'emulator').p99))
  const reached = worst <= limitMs ? 'reached' : 'missed'
  if (emulator !== undefined) console.log(`p99 added by the emulator: at most ${limitMs} ms is ${reached}.`)
  console.log(JSON.stringify(summary(results, perSecond, emulator, reached)))
}

function summary(
  results: Results,
  perSecond: ReadonlyMap<string, number>,
  emulator: number | undefined,
  reached: string,
) {
  const others = [...perSecond].filter(([name]) => name !== 'emulator')
  const ratios = others.map(([name, own]) => {
    const key = `ratioTo${name[0]?.toUpperCase()}${name.slice(1)}`
    return [key, emulator === undefined ? null : rounded(emulator / own, 3)] as const
  })
  const processorUs = [...results.throughputs].map(([name, own]) => {
    const us = medianOf(own, (each) => each.processorUs)
    return [name, us === undefined ? null : rounded(us, 1)] as const
  })
  const added = [...perSecond.keys()].map((name) => [name, addedBy(results, name)] as const)
  return {
    bench: 'proxy',
    rounds: results.rounds,
    secondsPerRound: results.seconds,
    backEnd: results.backEnd,
    generator: results.generator,
    requestsPerSecond: Object.fromEntries([...perSecond].map(([name, value]) => [name, Math.round(value)])),
    ...Object.fromEntries(ratios),
    processorUsPerRequest: Object.fromEntries(processorUs),
    addedP50Ms: addedBy(results, 'emulator').p50,
    addedP99Ms: addedBy(results, 'emulator').p99,
    addedP99MsLimit: limitMs,
    addedP99MsReached: emulator === undefined ? null : reached === 'reached',
    addedP50MsByProxy: Object.fromEntries(added.map(([name, { p50 }]) => [name, p50])),
    addedP99MsByProxy: Object.fromEntries(added.map(([name, { p99 }]) => [name, p99])),
    directP99Ms: directP99s(results),
  }
}

function latencyColumns(results: Results, name: string): Row {
  const columns = [...results.latencies.keys()].flatMap((rate) => {
    const own = ofRate(results, rate, name)
    const of = (pick: (each: Latency) => number) =>
      name === 'direct' ? medianOf(own, pick) : added(results, rate, name, pick)
    return [
      [`p50 at ${rate}/s`, fixed(of(({ p50 }) => p50) ?? 0, 2)],
      [`p99 at ${rate}/s`, fixed(of(({ p99 }) => p99) ?? 0, 2)],
    ]
  })
  return Object.fromEntries(columns)
}

function addedBy(results: Results, name: string) {
  return {
    p50: perRate(results, (rate) => added(results, rate, name, ({ p50 }) => p50)),
    p99: perRate(results, (rate) => added(results, rate, name, ({ p99 }) => p99)),
  }
}

const directP99s = (results: Results) =>
  perRate(results, (rate) => medianOf(ofRate(results, rate, 'direct'), ({ p99 }) => p99))

function perRate(results: Results, of: (rate: number) => number | undefined): Record<string, number> {
  return Object.fromEntries([...results.latencies.keys()].map((rate) => [rate, rounded(of(rate) ?? 0, 3)]))
}

/** Round by round, so that what the machine does besides counts on both sides. */
function added(results: Results, rate: number, name: string, pick: (each: Latency) => number) {
  const direct = ofRate(results, rate, 'direct')
  const differences = ofRate(results, rate, name).flatMap((each, round) => {
    const without = direct[round]
    return without ? [pick(each) - pick(without)] : []
  })
  return medianOf(differences, (each) => each)
}

const ofRate = (results: Results, rate: number, name: string) => results.latencies.get(rate)?.get(name) ?? []

const rateOf = (results: Results, name: string) =>
  medianOf(results.throughputs.get(name) ?? [], ({ requestsPerSecond }) => requestsPerSecond) ?? 0

function medianOf<T>(values: readonly T[], pick: (value: T) => number | undefined): number | undefined {
  const sorted = values
    .map(pick)
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

const fixed = (value: number, digits: number) => value.toFixed(digits)
const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
const grouped = (value: number | undefined) => Math.round(value ?? 0).toLocaleString('en-US')

function printTable(rows: readonly Row[]): void {
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')
  console.log(line(columns))
  for (const row of rows) console.log(line(columns.map((column) => row[column] ?? '')))
}
