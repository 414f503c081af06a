/** Samples in buckets: right percentiles, merged or not, and memory that ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketOf, createSeries, periodsOf, perMinute, type Series, windowOf } from './series.ts'
import { addSample, addStatistics, emptySketch, mergeSketch, sealSketch, statisticOf } from './sketch.ts'

test('percentiles are right to one percent, merged or not, sealed or open', () => {
  const [left, right] = [emptySketch(), emptySketch()]
  for (let value = 1; value <= 1000; value++) addSample(value % 2 === 0 ? left : right, value / 1000)
  sealSketch(left)
  mergeSketch(right, left)
  addSample(left, 0.5)
  assert.equal(left.count, 501, 'a sealed bucket takes late samples')
  for (const [name, exact] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p99', 0.99],
    ['p100', 1],
    ['Maximum', 1],
    ['Average', 0.5005],
  ] as const) {
    const got = statisticOf(right, name) ?? 0
    assert.ok(Math.abs(got - exact) / exact <= 0.011, `${name}: ${got}`)
  }
  assert.equal(statisticOf(emptySketch(), 'Sum'), undefined)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
test('a statistic set has percentiles only where its values are all the same, and negative values have none', () => {
  const [equal, spread, negative] = [emptySketch(), emptySketch(), emptySketch()]
  addStatistics(equal, { count: 4, sum: 12, min: 3, max: 3 })
  assert.equal(statisticOf(equal, 'p90'), 3)
  addStatistics(spread, { count: 4, sum: 12, min: 1, max: 5 })
  assert.deepEqual([statisticOf(spread, 'p90'), statisticOf(spread, 'Average')], [undefined, 3])
  mergeSketch(equal, spread)
  assert.deepEqual([statisticOf(equal, 'p90'), statisticOf(equal, 'SampleCount')], [undefined, 8])
  addSample(negative, -1)
  assert.equal(statisticOf(negative, 'p50'), undefined)
})

const bucketsOf = (series: Series) => series.tiers.map(({ buckets }) => buckets.size)
const series = () => createSeries({ namespace: 'App', metric: 'm', dimensions: {}, unit: undefined })
const day = 24 * 60 * perMinute

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
test('data points grow coarser with age, and their number stays the same however long the emulator runs', () => {
  const found = series()
  for (let bucket = 0; bucket < 20 * day; bucket += 3) addSample(bucketOf(found, bucket, true), 1)
  const [fine = 0, minutes = 0, hours = 0] = bucketsOf(found)
  assert.ok(fine <= (3 * 360) / 3 + 1, `${fine} buckets of ten seconds`)
  assert.ok(minutes <= 24 * 60 + 1, `${minutes} minutes`)
  assert.ok(hours <= 15 * 24 + 1, `${hours} hours`)
  const end = 20 * day
  assert.equal(windowOf(found, end - day, end).count, day / 3, 'nothing was lost on the way')
  assert.equal(windowOf(found, end - 10 * day, end).count, (10 * day) / 3)
  assert.deepEqual(
    periodsOf(found, end - 6, end, 3).map(({ sketch }) => sketch.count),
    [1, 1],
  )
})

test('late and scattered samples do not pile up', () => {
  const found = series()
  for (let round = 0; round < 20_000; round++) {
    addSample(bucketOf(found, round * perMinute - (round % 100) * 60, true), 1)
  }
  const [fine = 0, minutes = 0, hours = 0] = bucketsOf(found)
  assert.ok(fine + minutes + hours < 6000, `${fine}, ${minutes}, ${hours}`)
  addSample(bucketOf(found, -20 * day, false), 1)
  assert.equal(windowOf(found, -21 * day, -19 * day).count, 0, 'what is too old is not kept')
})
