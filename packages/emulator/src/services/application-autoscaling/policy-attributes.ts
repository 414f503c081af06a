/** The nested blocks of `aws_appautoscaling_policy`, and how they read in the API's words. */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  implemented,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { isBlock } from '../../terraform/type/values.ts'

const one = { maxItems: 1 }
const dimension = block({ name: implemented(), value: implemented() }, { set: true })

const metricDataQuery = block(
  {
    id: implemented(),
    expression: implemented(),
    label: implemented(),
    return_data: implemented({ default: true }),
    metric_stat: block(
      {
        stat: implemented(),
        unit: implemented(),
        metric: block({ metric_name: implemented(), namespace: implemented(), dimensions: dimension }, one),
      },
      one,
    ),
  },
  { set: true },
)

export const policyBlocks: AttributeSpecs = {
  step_scaling_policy_configuration: block(
    {
      adjustment_type: implemented(),
      cooldown: implemented(),
      metric_aggregation_type: implemented(),
      min_adjustment_magnitude: implemented(),
      step_adjustment: block(
        {
          metric_interval_lower_bound: implemented(),
          metric_interval_upper_bound: implemented(),
          scaling_adjustment: implemented(),
        },
        { set: true },
      ),
    },
    one,
  ),
  target_tracking_scaling_policy_configuration: block(
    {
      target_value: implemented(),
      disable_scale_in: implemented({ default: false }),
      scale_in_cooldown: implemented(),
      scale_out_cooldown: implemented(),
      predefined_metric_specification: block(
        { predefined_metric_type: implemented(), resource_label: implemented() },
        one,
      ),
      customized_metric_specification: block(
        {
          metric_name: implemented(),
          namespace: implemented(),
          statistic: implemented(),
          unit: implemented(),
          dimensions: dimension,
          metrics: metricDataQuery,
        },
        one,
      ),
    },
    one,
  ),
}

/** The configurations of a policy, by the API's names. */
export function policyConfigurations(planned: Attributes): Record<string, object | undefined> {
  return {
    StepScalingPolicyConfiguration: configuration(planned.step_scaling_policy_configuration),
    TargetTrackingScalingPolicyConfiguration: configuration(
      planned.target_tracking_scaling_policy_configuration,
    ),
  }
}

/** Blocks that the API has as one structure; all the others are lists there too. */
const STRUCTURES = new Set([
  'predefined_metric_specification',
  'customized_metric_specification',
  'metric_stat',
  'metric',
])
/** Where the API's name is the plural of the block's. */
const PLURALS: Readonly<Record<string, string>> = { step_adjustment: 'StepAdjustments' }
/** Numbers that Terraform keeps as strings. */
const NUMBERS = new Set(['metric_interval_lower_bound', 'metric_interval_upper_bound'])

function configuration(value: Value | undefined): object | undefined {
  const first = Array.isArray(value) ? value[0] : value
  return isBlock(first) ? spelled(first) : undefined
}

function spelled(attributes: Attributes): Record<string, unknown> {
  const entries = Object.entries(attributes).flatMap(([name, value]) => {
    const absent = value === null || value === '' || (Array.isArray(value) && value.length === 0)
    return absent ? [] : [[PLURALS[name] ?? pascal(name), member(name, value)] as const]
  })
  return Object.fromEntries(entries)
}

function member(name: string, value: Value): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => (isBlock(item) ? spelled(item) : item))
    return STRUCTURES.has(name) ? items[0] : items
  }
  return NUMBERS.has(name) ? Number(value) : value
}

const pascal = (name: string) => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
