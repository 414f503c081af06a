/**
 * Application Auto Scaling: scalable targets of ECS services, their policies, scheduled actions and suspension, as
 * records. What differs from AWS: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-application-auto-scaling'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { ApplicationAutoScaling } from './contract.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export function createApplicationAutoScaling(context: EmulatorContext): ApplicationAutoScaling {
  const targets = createState(context)
  return {
    name: 'application-autoscaling',
    behaviours,
    resourceTypes: createResourceTypes(targets),
    api: {
      signingName: 'application-autoscaling',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(targets),
    },
    scalableTarget(resourceId) {
      const scalableDimension = 'ecs:service:DesiredCount'
      const target = targets.target({ serviceNamespace: 'ecs', resourceId, scalableDimension })
      return (
        target && {
          minCapacity: target.minCapacity,
          maxCapacity: target.maxCapacity,
          suspended: {
            in: target.suspended.DynamicScalingInSuspended,
            out: target.suspended.DynamicScalingOutSuspended,
            scheduled: target.suspended.ScheduledScalingSuspended,
          },
        }
      )
    },
  }
}
