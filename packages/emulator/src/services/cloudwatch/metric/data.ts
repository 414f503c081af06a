/**
 * PutMetricData: metrics that applications publish. All of a request is checked before any of it is stored.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch'
import type { Clock } from '../../../clock.ts'
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../model/errors.ts'
import { dimensionsOf } from './query.ts'
import type { MetricStore } from './store.ts'

const metricsMax = 1000
const dimensionsMax = 30
const valuesMax = 150
const valueMax = 2 ** 360
const hourMs = 3_600_000
/** AWS time: how old a sample may be, and how far ahead of the clock. */
const pastAwsMs = 14 * 24 * hourMs
const aheadAwsMs = 2 * hourMs

const magnitudes = ['', 'Kilo', 'Mega', 'Giga', 'Tera']
const sizes = magnitudes.flatMap((magnitude) => [
  `${magnitude}${magnitude ? 'bytes' : 'Bytes'}`,
  `${magnitude}${magnitude ? 'bits' : 'Bits'}`,
])
const units = ['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'None', 'Count/Second'].concat(
  sizes,
  sizes.map((size) => `${size}/Second`),
)

export function putMetricData(store: MetricStore, input: PutMetricDataInput, clock: Clock): void {
  const { Namespace: namespace = '', MetricData: data = [], EntityMetricData } = input
  if (namespace === '') throw missingParameter('The parameter Namespace is required.')
  if (namespace.startsWith('AWS/') || !/^[^:\p{Cc}][^\p{Cc}]{0,254}$/u.test(namespace)) {
    throw invalidParameterValue(`The value ${namespace} for parameter Namespace is invalid.`)
  }
  if (EntityMetricData !== undefined) {
    throw invalidParameterValue(
      'Metrics of entities (EntityMetricData) are not implemented by this emulator.',
    )
  }
  if (data.length === 0) throw missingParameter('The parameter MetricData is required.')
  if (data.length > metricsMax) {
    throw invalidParameterValue(`The collection MetricData must not have a size greater than ${metricsMax}.`)
  }
  const read = data.map((datum, index) => readDatum(datum, `MetricData.member.${index + 1}`, clock))
  for (const { metric, dimensions, unit, at, samples, highResolution } of read) {
    store.put({ namespace, metric, dimensions, unit }, at, samples, highResolution)
  }
}

function readDatum(datum: MetricDatum, where: string, clock: Clock) {
  const { MetricName: metric = '', Dimensions = [], Unit: unit, StorageResolution = 60 } = datum
  if (metric === '') throw missingParameter(`The parameter ${where}.MetricName is required.`)
  if (metric.length > 255) throw invalidParameterValue(`The parameter ${where}.MetricName is too long.`)
  if (Dimensions.length > dimensionsMax) {
    throw invalidParameterValue(
      `The collection ${where}.Dimensions must not have a size greater than ${dimensionsMax}.`,
    )
  }
  if (Dimensions.some(({ Name, Value }) => !Name?.trim() || !Value?.trim())) {
    throw invalidParameterValue(
      `The parameter ${where}.Dimensions must have names and values that are not empty.`,
    )
  }
  if (unit !== undefined && !units.includes(unit)) {
    throw invalidParameterValue(`The value ${unit} for parameter ${where}.Unit is invalid.`)
  }
  if (StorageResolution !== 1 && StorageResolution !== 60) {
    throw invalidParameterValue(`The parameter ${where}.StorageResolution must be 1 or 60.`)
  }
  return {
    metric,
    dimensions: dimensionsOf(Dimensions),
    unit: unit === 'None' ? undefined : unit,
    at: momentOf(datum.Timestamp, where, clock),
    samples: samplesOf(datum, where),
    highResolution: StorageResolution === 1,
  }
}

function momentOf(timestamp: Date | undefined, where: string, clock: Clock): number {
  const now = clock.now()
  const at = timestamp?.getTime() ?? now
  if (at < now - clock.toReal(pastAwsMs) || at > now + clock.toReal(aheadAwsMs)) {
    throw invalidParameterValue(
      `The parameter ${where}.Timestamp must specify a time within the past two weeks and not more than two hours in the future.`,
    )
  }
  return at
}

function samplesOf({ Value, Values, Counts, StatisticValues: set }: MetricDatum, where: string) {
  const forms = [Value, Values, set].filter((form) => form !== undefined)
  if (forms.length === 0) {
    throw missingParameter(`${where} must have Value, Values or StatisticValues.`)
  }
  if (forms.length > 1) {
    throw invalidParameterCombination(`${where} must have only one of Value, Values and StatisticValues.`)
  }
  if (set !== undefined) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: min = 0, Maximum: max = 0 } = set
    for (const value of [count, sum, min, max]) checkValue(value, where)
    return { count, sum, min, max }
  }
  const values = Values ?? (Value === undefined ? [] : [Value])
  if (values.length > valuesMax) {
    throw invalidParameterValue(
      `The collection ${where}.Values must not have a size greater than ${valuesMax}.`,
    )
  }
  if (Counts !== undefined && Counts.length !== values.length) {
    throw invalidParameterCombination('The number of Values and Counts must be the same.')
  }
  for (const value of [...values, ...(Counts ?? [])]) checkValue(value, where)
  return { values: values.map((value, index) => ({ value, times: Counts?.[index] ?? 1 })) }
}

function checkValue(value: number, where: string): void {
  if (Number.isFinite(value) && Math.abs(value) <= valueMax) return
  throw invalidParameterValue(`The value ${value} for parameter ${where}.Value is invalid.`)
}
