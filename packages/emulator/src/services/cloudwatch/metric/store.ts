/**
 * Metrics in memory, bounded in every direction. A metric is a namespace, a name, dimensions and a unit; its
 * samples fall into buckets of AWS's time (series.ts), so a period of 60 s is a minute at every speed. Nothing is
 * written to disk: metrics come with each request, and after a restart their history is empty.
 */
import type { Clock } from '../../../clock.ts'
import {
  bucketAwsMs,
  bucketOf,
  createSeries,
  type Dimensions,
  rememberedBuckets,
  type Series,
} from './series.ts'
import { addSample, addStatistics } from './sketch.ts'

/** Distinct metrics; beyond, the one that was recorded least recently is removed. */
const seriesMax = 10_000

export interface MetricStore {
  record(namespace: string, metric: string, dimensions: Dimensions, value: number, unit?: string): void
  /** Adds samples with their own time, in wall-clock milliseconds. */
  put(
    identity: { namespace: string; metric: string; dimensions: Dimensions; unit?: string | undefined },
    at: number,
    samples:
      | { values: readonly { value: number; times: number }[] }
      | { count: number; sum: number; min: number; max: number },
    highResolution?: boolean,
  ): void
  /** Of the unit, or of the first unit that was recorded. */
  find(namespace: string, metric: string, dimensions: Dimensions, unit?: string): Series | undefined
  /** Of every unit. */
  findAll(namespace: string, metric: string, dimensions: Dimensions): readonly Series[]
  all(): Iterable<Series>
  /** Number of the bucket that holds this moment. */
  bucketAt(at: number): number
  /** Wall-clock milliseconds at which a bucket begins. */
  timeOf(bucket: number): number
}

export function createMetricStore(clock: Clock): MetricStore {
  const bucketMs = clock.toReal(bucketAwsMs)
  const metrics = new Map<string, Series[]>()
  let size = 0
  const bucketAt = (at: number) => Math.floor(at / bucketMs)
  /** By the caller's own object: a caller that records each request keeps its dimensions, so no key is built. */
  const byDimensions = new WeakMap<Dimensions, Map<string, Series>>()

  const findAll = (namespace: string, metric: string, dimensions: Dimensions) =>
    metrics.get(keyOf(namespace, metric, dimensions)) ?? []

  function open(namespace: string, metric: string, dimensions: Dimensions, unit?: string): Series {
    const key = keyOf(namespace, metric, dimensions)
    const units = metrics.get(key) ?? []
    const known = units.find((series) => series.unit === unit)
    if (known !== undefined) return known
    makeRoom()
    const made = createSeries({ namespace, metric, dimensions, unit })
    metrics.set(key, [...units, made])
    size++
    return made
  }

  function makeRoom(): void {
    const all = [...metrics.values()].flat()
    const forgotten = bucketAt(clock.now()) - rememberedBuckets
    const old = all.filter(({ newest }) => newest < forgotten)
    if (old.length === 0 && size >= seriesMax) old.push(all.reduce((a, b) => (b.newest < a.newest ? b : a)))
    for (const series of old) {
      const key = keyOf(series.namespace, series.metric, series.dimensions)
      const others = metrics.get(key)?.filter((other) => other !== series) ?? []
      if (others.length > 0) metrics.set(key, others)
      else metrics.delete(key)
      series.forgotten = true
      size--
    }
  }

  function remember(namespace: string, metric: string, dimensions: Dimensions, unit?: string): Series {
    const found = open(namespace, metric, dimensions, unit)
    const known = byDimensions.get(dimensions) ?? new Map<string, Series>()
    byDimensions.set(dimensions, known.set(metric, found))
    return found
  }

  return {
    bucketAt,
    timeOf: (bucket) => bucket * bucketMs,
    all: () => [...metrics.values()].flat(),
    find: (namespace, metric, dimensions, unit) =>
      findAll(namespace, metric, dimensions).find((series) => unit === undefined || series.unit === unit),
    findAll,
    record(namespace, metric, dimensions, value, unit) {
      const known = byDimensions.get(dimensions)?.get(metric)
      const same = known?.namespace === namespace && known.unit === unit && !known.forgotten
      const target = same ? known : remember(namespace, metric, dimensions, unit)
      addSample(bucketOf(target, bucketAt(clock.now()), false), value)
    },
    put(identity, at, samples, highResolution = false) {
      const target = open(identity.namespace, identity.metric, identity.dimensions, identity.unit)
      const sketch = bucketOf(target, bucketAt(at), highResolution)
      if ('values' in samples) for (const { value, times } of samples.values) addSample(sketch, value, times)
      else addStatistics(sketch, samples)
    },
  }
}

/** Cheap for the one or two dimensions that metrics of AWS services have: it runs for every request. */
function keyOf(namespace: string, metric: string, dimensions: Dimensions): string {
  const names = Object.keys(dimensions)
  if (names.length > 1) names.sort()
  let key = `${namespace}\n${metric}`
  for (const name of names) key += `\n${name}\n${dimensions[name]}`
  return key
}
