/**
 * The samples of one metric, bounded: what a metric of one unit measured, in buckets that grow coarser with age.
 *
 * A custom metric of high resolution has buckets of ten seconds for three hours; every metric has minutes for a
 * day and hours for fifteen days (AWS: minutes for 15 days, five minutes for 63, hours for 455:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention).
 * All of it is AWS's time, so at speed 60 the minutes of 24 minutes are at hand.
 */
import { emptySketch, mergeSketch, type Sketch, sealSketch } from './sketch.ts'

/** AWS time of the shortest bucket. */
export const bucketAwsMs = 10_000
export const perMinute = 60_000 / bucketAwsMs
const perHour = 60 * perMinute

export type Dimensions = Readonly<Record<string, string>>

export interface Series {
  readonly namespace: string
  readonly metric: string
  readonly dimensions: Dimensions
  readonly unit: string | undefined
  readonly tiers: readonly [fine: Tier, minutes: Tier, hours: Tier]
  /** The newest bucket of ten seconds that anything fell into. */
  newest: number
  /** The store has removed it: a caller that still holds it must ask for it again. */
  forgotten: boolean
}

interface Tier {
  /** Length of its buckets, in buckets of ten seconds. */
  readonly length: number
  /** How many of its buckets are kept. */
  readonly kept: number
  /** By number, in the order of creation: the order of time, unless clients send data late. */
  readonly buckets: Map<number, Sketch>
  /** The bucket that was begun last: as long as samples come, they fall into it. */
  open: Sketch | undefined
}

const tier = (length: number, kept: number): Tier => ({ length, kept, buckets: new Map(), open: undefined })

export const createSeries = (
  identity: Pick<Series, 'namespace' | 'metric' | 'dimensions' | 'unit'>,
): Series => ({
  ...identity,
  tiers: [tier(1, 3 * perHour), tier(perMinute, 24 * 60), tier(perHour, 15 * 24)],
  newest: Number.NEGATIVE_INFINITY,
  forgotten: false,
})

/** How long a series is remembered after its last sample, in buckets of ten seconds. */
export const rememberedBuckets = 15 * 24 * perHour

/** The bucket in which samples of that moment belong. */
export function bucketOf(series: Series, bucket: number, highResolution: boolean): Sketch {
  if (bucket > series.newest) series.newest = bucket
  const [fine, minutes, hours] = series.tiers
  const age = series.newest - bucket
  const into = [fine, minutes, hours].find(
    (candidate) => (candidate !== fine || highResolution) && age < candidate.kept * candidate.length,
  )
  return into === undefined ? emptySketch() : begin(series, into, Math.floor(bucket / into.length))
}

function begin(series: Series, into: Tier, number: number): Sketch {
  const known = into.buckets.get(number)
  if (known !== undefined) return known
  if (into.open !== undefined) sealSketch(into.open)
  const made = emptySketch()
  into.open = made
  into.buckets.set(number, made)
  expire(series, into)
  return made
}

/** Folds what has become too old for its tier into the next one. */
function expire(series: Series, from: Tier): void {
  const oldestKept = Math.floor(series.newest / from.length) - from.kept
  const next = series.tiers[series.tiers.indexOf(from) + 1]
  for (const [number, sketch] of from.buckets) {
    // Late samples come after newer ones: they are removed with those, or when there are too many.
    if (number > oldestKept && from.buckets.size <= 2 * from.kept) return
    from.buckets.delete(number)
    if (next === undefined) continue
    const into = begin(series, next, Math.floor((number * from.length) / next.length))
    mergeSketch(into, sketch)
  }
}

/** Everything sampled in the buckets [from, to), as one. */
export function windowOf(series: Series | undefined, from: number, to: number): Sketch {
  const sum = emptySketch()
  for (const { length, buckets } of series?.tiers ?? []) {
    if (!holds(length, to - from)) continue
    const [first, end] = [Math.ceil(from / length), Math.ceil(to / length)]
    if (end - first < buckets.size) {
      for (let number = first; number < end; number++) {
        const sketch = buckets.get(number)
        if (sketch !== undefined) mergeSketch(sum, sketch)
      }
    } else {
      for (const [number, sketch] of buckets) if (number >= first && number < end) mergeSketch(sum, sketch)
    }
  }
  return sum
}

/** The periods of `length` buckets, aligned, that hold samples and begin within [from, to); oldest first. */
export function periodsOf(
  series: Series,
  from: number,
  to: number,
  length: number,
): { bucket: number; sketch: Sketch }[] {
  const found = new Map<number, Sketch>()
  for (const tier of series.tiers) {
    if (!holds(tier.length, length)) continue
    for (const [number, sketch] of tier.buckets) {
      const start = Math.floor((number * tier.length) / length) * length
      if (start < from || start >= to) continue
      const sum = found.get(start) ?? emptySketch()
      mergeSketch(sum, sketch)
      found.set(start, sum)
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([bucket, sketch]) => ({ bucket, sketch }))
}

/**
 * A minute's bucket holds nothing for ten seconds on their own, but the minute's own sample: metrics of one minute
 * resolution show one data point in six there. Hours answer only for whole hours.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
const holds = (tierLength: number, periodLength: number) =>
  tierLength < perHour || periodLength % perHour === 0
