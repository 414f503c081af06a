/**
 * One bucket of samples: count, sum, extremes, and a sparse histogram whose buckets grow by 2 %, so that a
 * percentile is right to within 1 % at any scale and merging two buckets is adding counts. CloudWatch keeps its
 * own percentiles in a histogram of this kind too; exact samples would grow with the traffic.
 *
 * Most metrics count, one at a time: as long as all samples are equal there is no histogram at all.
 */
export interface Sketch {
  count: number
  sum: number
  min: number
  max: number
  /** Samples by logarithmic bucket; values of zero and below share the lowest. A sealed one is a flat list of pairs. */
  histogram: Map<number, number> | Float32Array | undefined
  /** Holds statistic sets, whose distribution is not known. */
  coarse: boolean
}

const growth = Math.log(1.02)
/** A sealed histogram holds whole numbers up to here exactly. */
const lowest = -(2 ** 24)
const keyOf = (value: number) => (value > 0 ? Math.round(Math.log(value) / growth) : lowest)

export const emptySketch = (): Sketch => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  histogram: undefined,
  coarse: false,
})

/** Adds `times` samples of the same value. */
export function addSample(sketch: Sketch, value: number, times = 1): void {
  if (
    sketch.histogram !== undefined ||
    (sketch.count > 0 && (value !== sketch.min || value !== sketch.max))
  ) {
    const histogram = openHistogram(sketch)
    const key = keyOf(value)
    histogram.set(key, (histogram.get(key) ?? 0) + times)
  }
  sketch.count += times
  sketch.sum += value * times
  if (value < sketch.min) sketch.min = value
  if (value > sketch.max) sketch.max = value
}

/** Adds a set of samples of which only the statistics are known (StatisticValues of PutMetricData). */
export function addStatistics(
  sketch: Sketch,
  set: { count: number; sum: number; min: number; max: number },
): void {
  // A set shows how its values are distributed only where all are equal.
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
  const equal = set.min === set.max && set.sum === set.min * set.count
  if (equal) addSample(sketch, set.min, set.count)
  else mergeSketch(sketch, { ...set, histogram: undefined, coarse: true })
}

export function mergeSketch(into: Sketch, from: Sketch): void {
  if (from.count === 0) return
  if (into.count === 0) into.histogram = from.histogram && new Map(pairsOf(from))
  else if (into.histogram || from.histogram || from.min !== into.min || from.max !== into.max) {
    const histogram = openHistogram(into)
    for (const [key, times] of pairsOf(from)) histogram.set(key, (histogram.get(key) ?? 0) + times)
  }
  into.count += from.count
  into.sum += from.sum
  into.min = Math.min(into.min, from.min)
  into.max = Math.max(into.max, from.max)
  into.coarse ||= from.coarse
}

/** Packs the histogram of a bucket whose time is over: a tenth of the memory, and days of buckets are kept. */
export function sealSketch(sketch: Sketch): void {
  if (sketch.histogram instanceof Map) sketch.histogram = Float32Array.from([...sketch.histogram].flat())
}

function openHistogram(sketch: Sketch): Map<number, number> {
  const { histogram } = sketch
  if (histogram instanceof Map) return histogram
  const opened = new Map(sketch.count > 0 ? pairsOf(sketch) : [])
  sketch.histogram = opened
  return opened
}

function* pairsOf({ histogram, min, count }: Sketch): Generator<[key: number, times: number]> {
  if (histogram === undefined) yield [keyOf(min), count]
  else if (histogram instanceof Map) yield* histogram
  else {
    for (let at = 0; at < histogram.length; at += 2) yield [histogram[at] ?? 0, histogram[at + 1] ?? 0]
  }
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
      // Negative values and statistic sets have no percentiles on AWS either.
      return percent === undefined || sketch.coarse || sketch.min < 0
        ? undefined
        : percentile(sketch, percent)
    }
  }
}

function percentile(sketch: Sketch, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * sketch.count))
  let seen = 0
  for (const [key, times] of [...pairsOf(sketch)].sort(([a], [b]) => a - b)) {
    seen += times
    if (seen < rank) continue
    const value = key === lowest ? Math.min(sketch.min, 0) : Math.exp(key * growth)
    return Math.min(sketch.max, Math.max(sketch.min, value))
  }
  return sketch.max
}
