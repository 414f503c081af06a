/**
 * What CloudWatch is told of each request, in the namespace AWS/ApplicationELB: once for the load balancer and,
 * where a target was chosen, once for target group and load balancer together.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Metrics } from '../../cloudwatch/contract.ts'
import { arnSuffix } from '../model.ts'

const namespace = 'AWS/ApplicationELB'

type Dimensions = Readonly<Record<string, string>>

export interface RequestMetrics {
  /** A target was chosen for a request. */
  request(loadBalancerArn: string, targetGroupArn: string): void
  /** A target began to answer, `seconds` after the request left the balancer. */
  targetAnswer(loadBalancerArn: string, targetGroupArn: string, status: number, seconds: number): void
  /** The balancer answered itself; `targetGroupArn` where one was chosen. */
  ownAnswer(loadBalancerArn: string, status: number, targetGroupArn?: string): void
  targetConnectionError(loadBalancerArn: string, targetGroupArn: string): void
  action(loadBalancerArn: string, kind: 'redirect' | 'fixed-response'): void
  hosts(loadBalancerArn: string, targetGroupArn: string, healthy: number, unhealthy: number): void
}

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const known = new Map<string, Map<string, readonly [own: Dimensions, both: Dimensions]>>()

  function dimensions(loadBalancerArn: string, targetGroupArn: string): readonly [Dimensions, Dimensions] {
    const ofBalancer = known.get(loadBalancerArn) ?? new Map()
    const found = ofBalancer.get(targetGroupArn)
    if (found) return found
    const LoadBalancer = arnSuffix(loadBalancerArn)
    const made = [{ LoadBalancer }, { TargetGroup: arnSuffix(targetGroupArn), LoadBalancer }] as const
    known.set(loadBalancerArn, ofBalancer.set(targetGroupArn, made))
    return made
  }

  function count(metric: string, loadBalancerArn: string, targetGroupArn: string | undefined): void {
    const [own, both] = dimensions(loadBalancerArn, targetGroupArn ?? '')
    metrics.record({ namespace, metric, dimensions: own, value: 1, unit: 'Count' })
    if (targetGroupArn !== undefined) {
      metrics.record({ namespace, metric, dimensions: both, value: 1, unit: 'Count' })
    }
  }

  return {
    request: (loadBalancerArn, targetGroupArn) => count('RequestCount', loadBalancerArn, targetGroupArn),
    targetAnswer(loadBalancerArn, targetGroupArn, status, seconds) {
      count(`HTTPCode_Target_${Math.floor(status / 100)}XX_Count`, loadBalancerArn, targetGroupArn)
      for (const each of dimensions(loadBalancerArn, targetGroupArn)) {
        metrics.record({
          namespace,
          metric: 'TargetResponseTime',
          dimensions: each,
          value: seconds,
          unit: 'Seconds',
        })
      }
    },
    ownAnswer(loadBalancerArn, status, targetGroupArn) {
      count(`HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`, loadBalancerArn, targetGroupArn)
      if ([500, 502, 503, 504].includes(status))
        count(`HTTPCode_ELB_${status}_Count`, loadBalancerArn, targetGroupArn)
    },
    targetConnectionError: (loadBalancerArn, targetGroupArn) =>
      count('TargetConnectionErrorCount', loadBalancerArn, targetGroupArn),
    action(loadBalancerArn, kind) {
      count(
        kind === 'redirect' ? 'HTTP_Redirect_Count' : 'HTTP_Fixed_Response_Count',
        loadBalancerArn,
        undefined,
      )
    },
    hosts(loadBalancerArn, targetGroupArn, healthy, unhealthy) {
      const [, both] = dimensions(loadBalancerArn, targetGroupArn)
      metrics.record({
        namespace,
        metric: 'HealthyHostCount',
        dimensions: both,
        value: healthy,
        unit: 'Count',
      })
      metrics.record({
        namespace,
        metric: 'UnHealthyHostCount',
        dimensions: both,
        value: unhealthy,
        unit: 'Count',
      })
    },
  }
}
