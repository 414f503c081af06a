/**
 * Metrics in memory, bounded. A metric is a namespace, a name and dimensions; its samples fall into buckets of
 * ten seconds of AWS time, the shortest period an alarm can have, so a period of 60 s is six buckets at every
 * speed. Ten-second buckets are kept for three hours and then folded into minutes, which are kept for a day
 * (AWS keeps them 3 hours and 15 days:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention).
 */
import type { Clock } from '../../clock.ts'
import { addSample, addStatistics, emptySketch, mergeSketch, type Sketch } from './sketch.ts'

export const bucketAwsMs = 10_000
const bucketsPerMinute = 6
const fineBuckets = 3 * 60 * bucketsPerMinute
const coarseBuckets = 24 * 60
/** Metrics, that is distinct sets of dimensions, beyond which new ones are refused. */
const seriesLimit = 20_000

export type Dimensions = Readonly<Record<string, string>>

export interface Series {
  readonly namespace: string
  readonly metric: string
  readonly dimensions: Dimensions
  unit: string | undefined
  /** By number of the ten-second bucket. */
  readonly fine: Map<number, Sketch>
  /** By number of the minute. */
  readonly coarse: Map<number, Sketch>
}

export interface MetricStore {
  record(namespace: string, metric: string, dimensions: Dimensions, value: number, unit?: string): void
  /** Adds samples with a time stamp of their own: wall-clock milliseconds. */
  put(
    identity: { namespace: string; metric: string; dimensions: Dimensions; unit?: string | undefined },
    at: number,
    samples:
      | { values: readonly { value: number; times: number }[] }
      | { count: number; sum: number; min: number; max: number },
  ): void
  find(namespace: string, metric: string, dimensions: Dimensions): Series | undefined
  all(): Iterable<Series>
  /** Number of the bucket that holds this moment. */
  bucketAt(at: number): number
  /** Wall-clock milliseconds at which a bucket begins. */
  timeOf(bucket: number): number
  /** Everything sampled in the buckets [from, to), as one. */
  window(series: Series | undefined, from: number, to: number): Sketch
  /** The periods of `length` buckets, aligned, that hold samples and begin within [from, to); oldest first. */
  periods(series: Series, from: number, to: number, length: number): { bucket: number; sketch: Sketch }[]
}

export function createMetricStore(clock: Clock): MetricStore {
  const bucketMs = clock.toReal(bucketAwsMs)
  const series = new Map<string, Series>()
  const bucketAt = (at: number) => Math.floor(at / bucketMs)
  /** By the caller's own object: who records for every request keeps its dimensions, so no key has to be built. */
  const byDimensions = new WeakMap<Dimensions, Map<string, Series>>()

  function open(
    namespace: string,
    metric: string,
    dimensions: Dimensions,
    unit?: string,
  ): Series | undefined {
    const key = keyOf(namespace, metric, dimensions)
    const known = series.get(key)
    if (known !== undefined || series.size >= seriesLimit) return known
    const made: Series = { namespace, metric, dimensions, unit, fine: new Map(), coarse: new Map() }
    series.set(key, made)
    return made
  }

  function remember(
    namespace: string,
    metric: string,
    dimensions: Dimensions,
    unit?: string,
  ): Series | undefined {
    const found = open(namespace, metric, dimensions, unit)
    const metrics = byDimensions.get(dimensions) ?? new Map<string, Series>()
    byDimensions.set(dimensions, metrics)
    if (found !== undefined) metrics.set(metric, found)
    return found
  }

  return {
    bucketAt,
    timeOf: (bucket) => bucket * bucketMs,
    all: () => series.values(),
    find: (namespace, metric, dimensions) => series.get(keyOf(namespace, metric, dimensions)),
    record(namespace, metric, dimensions, value, unit) {
      const known = byDimensions.get(dimensions)?.get(metric)
      const target = known?.namespace === namespace ? known : remember(namespace, metric, dimensions, unit)
      if (target !== undefined) addSample(bucketOf(target, bucketAt(clock.now())), value)
    },
    put(identity, at, samples) {
      const target = open(identity.namespace, identity.metric, identity.dimensions, identity.unit)
      if (target === undefined) return
      const sketch = bucketOf(target, bucketAt(at))
      if ('values' in samples) for (const { value, times } of samples.values) addSample(sketch, value, times)
      else addStatistics(sketch, samples)
    },
    window(target, from, to) {
      const sum = emptySketch()
      if (target === undefined) return sum
      for (let bucket = from; bucket < to; bucket++) {
        const fine = target.fine.get(bucket)
        if (fine !== undefined) mergeSketch(sum, fine)
        const coarse = bucket % bucketsPerMinute === 0 && target.coarse.get(bucket / bucketsPerMinute)
        if (coarse) mergeSketch(sum, coarse)
      }
      return sum
    },
    periods(target, from, to, length) {
      const found = new Map<number, Sketch>()
      const add = (bucket: number, sketch: Sketch) => {
        const start = Math.floor(bucket / length) * length
        if (start < from || start >= to) return
        const sum = found.get(start) ?? emptySketch()
        mergeSketch(sum, sketch)
        found.set(start, sum)
      }
      for (const [minute, sketch] of target.coarse) add(minute * bucketsPerMinute, sketch)
      for (const [bucket, sketch] of target.fine) add(bucket, sketch)
      return [...found].sort(([a], [b]) => a - b).map(([bucket, sketch]) => ({ bucket, sketch }))
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

function bucketOf(series: Series, bucket: number): Sketch {
  const known = series.fine.get(bucket)
  if (known !== undefined) return known
  const made = emptySketch()
  series.fine.set(bucket, made)
  if (series.fine.size > fineBuckets) fold(series)
  return made
}

/** Moves the oldest ten-second bucket into its minute. */
function fold(series: Series): void {
  const oldest = series.fine.entries().next().value
  if (oldest === undefined) return
  const [bucket, sketch] = oldest
  const minute = Math.floor(bucket / bucketsPerMinute)
  const sum = series.coarse.get(minute) ?? emptySketch()
  mergeSketch(sum, sketch)
  series.coarse.set(minute, sum)
  series.fine.delete(bucket)
  const first = series.coarse.keys().next().value
  if (series.coarse.size > coarseBuckets && first !== undefined) series.coarse.delete(first)
}
