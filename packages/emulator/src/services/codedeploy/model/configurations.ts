/**
 * Deployment configurations for ECS: those that every account has, and what a user's own may hold.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configuration-ecs
 */
import type { TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { ShiftStrategy } from '../../traffic-shift/steps.ts'
import { invalidTrafficRouting } from './errors.ts'
import type { Configuration } from './model.ts'

export const allAtOnce = 'CodeDeployDefault.ECSAllAtOnce'

const linear = (minutes: number): TrafficRoutingConfig => ({
  type: 'TimeBasedLinear',
  timeBasedLinear: { linearPercentage: 10, linearInterval: minutes },
})
const canary = (minutes: number): TrafficRoutingConfig => ({
  type: 'TimeBasedCanary',
  timeBasedCanary: { canaryPercentage: 10, canaryInterval: minutes },
})

const routings: Readonly<Record<string, TrafficRoutingConfig>> = {
  [allAtOnce]: { type: 'AllAtOnce' },
  'CodeDeployDefault.ECSLinear10PercentEvery1Minutes': linear(1),
  'CodeDeployDefault.ECSLinear10PercentEvery3Minutes': linear(3),
  'CodeDeployDefault.ECSCanary10Percent5Minutes': canary(5),
  'CodeDeployDefault.ECSCanary10Percent15Minutes': canary(15),
}

/** The configurations that every account has. */
export const predefinedConfigurations: readonly Configuration[] = Object.entries(routings).map(
  ([name, routing], index) => ({
    id: `00000000-0000-0000-0000-00000000000${index + 1}`,
    name,
    createdAt: Date.UTC(2018, 10, 27),
    routing,
  }),
)

export function strategyOf(routing: TrafficRoutingConfig): ShiftStrategy {
  if (routing.type === 'TimeBasedCanary') {
    const { canaryPercentage = 0, canaryInterval = 0 } = routing.timeBasedCanary ?? {}
    return { type: 'canary', percent: canaryPercentage, minutes: canaryInterval }
  }
  if (routing.type === 'TimeBasedLinear') {
    const { linearPercentage = 0, linearInterval = 0 } = routing.timeBasedLinear ?? {}
    return { type: 'linear', percent: linearPercentage, minutes: linearInterval }
  }
  return { type: 'all-at-once' }
}

/** Refuses a routing that CodeDeploy refuses. */
export function checkRouting(routing: TrafficRoutingConfig | undefined): TrafficRoutingConfig {
  const percentOk = (percent: number | undefined) => percent !== undefined && percent >= 1 && percent <= 99
  const minutesOk = (minutes: number | undefined) => minutes !== undefined && minutes >= 1
  switch (routing?.type) {
    case undefined:
    case 'AllAtOnce':
      return { type: 'AllAtOnce' }
    case 'TimeBasedCanary': {
      const { canaryPercentage, canaryInterval } = routing.timeBasedCanary ?? {}
      if (percentOk(canaryPercentage) && minutesOk(canaryInterval)) return routing
      throw invalidTrafficRouting(
        'A canary needs a percentage between 1 and 99 and an interval of at least 1 minute',
      )
    }
    case 'TimeBasedLinear': {
      const { linearPercentage, linearInterval } = routing.timeBasedLinear ?? {}
      if (percentOk(linearPercentage) && minutesOk(linearInterval)) return routing
      throw invalidTrafficRouting(
        'A linear shift needs a percentage between 1 and 99 and an interval of at least 1 minute',
      )
    }
    default:
      throw invalidTrafficRouting(`The traffic routing type ${routing?.type} is not known`)
  }
}
