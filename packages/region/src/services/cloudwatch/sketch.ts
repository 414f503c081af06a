/**
 * One bucket of samples: count, sum, extremes, and a sparse histogram whose buckets grow by 2 %, so that a
 * percentile is right to within 1 % at any scale and merging two buckets is adding counts. CloudWatch keeps its
 * own percentiles in a histogram of this kind too; exact samples would grow with the traffic.
 */
export interface Sketch {
  count: number
  sum: number
  min: number
  max: number
  /** Samples by logarithmic bucket; values of zero and below share the lowest. */
  readonly histogram: Map<number, number>
}

const growth = Math.log(1.02)
const lowest = Number.MIN_SAFE_INTEGER

export const emptySketch = (): Sketch => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  histogram: new Map(),
})

/** Adds `times` samples of the same value. */
export function addSample(sketch: Sketch, value: number, times = 1): void {
  sketch.count += times
  sketch.sum += value * times
  if (value < sketch.min) sketch.min = value
  if (value > sketch.max) sketch.max = value
  const key = value > 0 ? Math.round(Math.log(value) / growth) : lowest
  sketch.histogram.set(key, (sketch.histogram.get(key) ?? 0) + times)
}

/** Adds a set of samples of which only the statistics are known (StatisticValues of PutMetricData). */
export function addStatistics(
  sketch: Sketch,
  set: { count: number; sum: number; min: number; max: number },
): void {
  const { min, max } = { min: Math.min(sketch.min, set.min), max: Math.max(sketch.max, set.max) }
  addSample(sketch, set.sum / set.count, set.count)
  sketch.min = min
  sketch.max = max
}

export function mergeSketch(into: Sketch, from: Sketch): void {
  into.count += from.count
  into.sum += from.sum
  into.min = Math.min(into.min, from.min)
  into.max = Math.max(into.max, from.max)
  for (const [key, times] of from.histogram) into.histogram.set(key, (into.histogram.get(key) ?? 0) + times)
}

/** True for `Average`, `Sum`, `SampleCount`, `Minimum`, `Maximum` and percentiles such as `p99` or `p99.9`. */
export function isStatistic(name: string): boolean {
  return (
    ['Average', 'Sum', 'SampleCount', 'Minimum', 'Maximum'].includes(name) || percentileOf(name) !== undefined
  )
}

/** The percentile that a statistic names: 99.9 for `p99.9`; undefined for the plain ones. */
export function percentileOf(name: string): number | undefined {
  const percent = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name)?.[1]
  return percent === undefined ? undefined : Number(percent)
}

/** The statistic of a bucket; undefined when it holds no sample, which CloudWatch calls missing. */
export function statisticOf(sketch: Sketch, name: string): number | undefined {
  if (sketch.count === 0) return undefined
  switch (name) {
    case 'Average':
      return sketch.sum / sketch.count
    case 'Sum':
      return sketch.sum
    case 'SampleCount':
      return sketch.count
    case 'Minimum':
      return sketch.min
    case 'Maximum':
      return sketch.max
    default: {
      const percent = percentileOf(name)
      return percent === undefined ? undefined : percentile(sketch, percent)
    }
  }
}

function percentile(sketch: Sketch, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * sketch.count))
  let seen = 0
  for (const [key, times] of [...sketch.histogram].sort(([a], [b]) => a - b)) {
    seen += times
    if (seen < rank) continue
    const value = key === lowest ? Math.min(sketch.min, 0) : Math.exp(key * growth)
    return Math.min(sketch.max, Math.max(sketch.min, value))
  }
  return sketch.max
}
