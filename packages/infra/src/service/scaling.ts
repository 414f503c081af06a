/** How a service scales: on memory and on CPU. Releases suspend scaling while they deploy. */
import type { Service } from '@baton/config'
import { AppautoscalingPolicy } from '@cdktn/provider-aws/lib/appautoscaling-policy/index.js'
import { AppautoscalingTarget } from '@cdktn/provider-aws/lib/appautoscaling-target/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import type { EcsService } from '@cdktn/provider-aws/lib/ecs-service/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export function scaling(
  stack: BatonStack,
  service: Service,
  parts: { cluster: EcsCluster; ecsService: EcsService },
): AppautoscalingTarget {
  const scope = new Construct(stack, `scaling-${service.name}`)
  const target = new AppautoscalingTarget(scope, service.name, {
    serviceNamespace: 'ecs',
    resourceId: `service/${parts.cluster.name}/${parts.ecsService.name}`,
    scalableDimension: 'ecs:service:DesiredCount',
    minCapacity: service.tasks.min,
    maxCapacity: service.tasks.max,
    // Releases set and lift it.
    lifecycle: { ignoreChanges: ['suspended_state'] },
  })
  const policy = (id: string, metric: string, percent: number) =>
    new AppautoscalingPolicy(scope, `${service.name}_${id}`, {
      name: id,
      policyType: 'TargetTrackingScaling',
      serviceNamespace: target.serviceNamespace,
      resourceId: target.resourceId,
      scalableDimension: target.scalableDimension,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: metric },
        targetValue: percent,
        scaleInCooldown: service.scaling.cooldownSeconds,
        scaleOutCooldown: service.scaling.cooldownSeconds,
      },
    })
  policy('memory', 'ECSServiceAverageMemoryUtilization', service.scaling.memoryPercent)
  policy('cpu', 'ECSServiceAverageCPUUtilization', service.scaling.cpuPercent)
  return target
}
