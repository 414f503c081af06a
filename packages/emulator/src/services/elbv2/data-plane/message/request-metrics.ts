/**
 * What CloudWatch records of requests and connections, in the namespace AWS/ApplicationELB, with the dimensions that
 * AWS publishes but for those with an Availability Zone.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { CloudWatch } from '../../../cloudwatch/contract.ts'
import { arnSuffix } from '../../model/model.ts'

const namespace = 'AWS/ApplicationELB'

type Dimensions = Readonly<Record<string, string>>

/** Counted for the load balancer only. */
export type BalancerMetric =
  | 'ActiveConnectionCount'
  | 'ClientTLSNegotiationErrorCount'
  | 'DesyncMitigationMode_NonCompliant_Request_Count'
  | 'DroppedInvalidHeaderRequestCount'
  | 'ForwardedInvalidHeaderRequestCount'
  | 'HTTP_Fixed_Response_Count'
  | 'HTTP_Redirect_Count'
  | 'HTTP_Redirect_Url_Limit_Exceeded_Count'
  | 'NewConnectionCount'
  | 'NonStickyRequestCount'
  | 'ProcessedBytes'

export interface RequestMetrics {
  /** A target was chosen for a request, out of this many. */
  request(loadBalancerArn: string, targetGroupArn: string, targets: number): void
  /** A target began to answer, `seconds` after the request left the balancer. */
  targetAnswer(loadBalancerArn: string, targetGroupArn: string, status: number, seconds: number): void
  /** The balancer answered itself, or would have. */
  ownAnswer(loadBalancerArn: string, status: number): void
  /** No connection, or no TLS on it. */
  targetConnectionError(loadBalancerArn: string, targetGroupArn: string, kind: 'connect' | 'tls'): void
  count(loadBalancerArn: string, metric: BalancerMetric, value?: number): void
  /** A request went to a group that fails open. */
  failedOpen(loadBalancerArn: string, targetGroupArn: string): void
  hosts(loadBalancerArn: string, targetGroupArn: string, healthy: number, unhealthy: number): void
}

/** A record per request keeps its dimensions: CloudWatch knows a series by the object. */
interface Series {
  readonly loadBalancer: Dimensions
  readonly targetGroup: Dimensions
  readonly both: Dimensions
}

export function createRequestMetrics(cloudWatch: CloudWatch): RequestMetrics {
  const balancers = new Map<string, Dimensions>()
  const known = new Map<string, Map<string, Series>>()

  function balancer(loadBalancerArn: string): Dimensions {
    const found = balancers.get(loadBalancerArn)
    if (found) return found
    const created = { LoadBalancer: arnSuffix(loadBalancerArn) }
    balancers.set(loadBalancerArn, created)
    return created
  }

  function series(loadBalancerArn: string, targetGroupArn: string): Series {
    const ofBalancer = known.get(loadBalancerArn) ?? new Map<string, Series>()
    const found = ofBalancer.get(targetGroupArn)
    if (found) return found
    const loadBalancer = balancer(loadBalancerArn)
    const targetGroup = { TargetGroup: arnSuffix(targetGroupArn) }
    const created = { loadBalancer, targetGroup, both: { ...targetGroup, ...loadBalancer } }
    known.set(loadBalancerArn, ofBalancer.set(targetGroupArn, created))
    return created
  }

  const record = (metric: string, dimensions: Dimensions, value: number, unit = 'Count') =>
    cloudWatch.record({ namespace, metric, dimensions, value, unit })

  return {
    request(loadBalancerArn, targetGroupArn, targets) {
      const { loadBalancer, targetGroup, both } = series(loadBalancerArn, targetGroupArn)
      record('RequestCount', loadBalancer, 1)
      record('RequestCount', both, 1)
      // Its sum is the average number of requests that a target got.
      const share = 1 / Math.max(targets, 1)
      record('RequestCountPerTarget', targetGroup, share)
      record('RequestCountPerTarget', both, share)
    },
    targetAnswer(loadBalancerArn, targetGroupArn, status, seconds) {
      const { loadBalancer, both } = series(loadBalancerArn, targetGroupArn)
      const metric = targetCodes[Math.floor(status / 100)]
      if (metric !== undefined) {
        record(metric, loadBalancer, 1)
        record(metric, both, 1)
      }
      record('TargetResponseTime', loadBalancer, seconds, 'Seconds')
      record('TargetResponseTime', both, seconds, 'Seconds')
    },
    ownAnswer(loadBalancerArn, status) {
      const dimensions = balancer(loadBalancerArn)
      if (status >= 300 && status < 600) {
        record(`HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`, dimensions, 1)
      }
      if (status === 500 || (status >= 502 && status <= 504)) {
        record(`HTTPCode_ELB_${status}_Count`, dimensions, 1)
      }
    },
    targetConnectionError(loadBalancerArn, targetGroupArn, kind) {
      const { loadBalancer, both } = series(loadBalancerArn, targetGroupArn)
      const metric = kind === 'tls' ? 'TargetTLSNegotiationErrorCount' : 'TargetConnectionErrorCount'
      record(metric, loadBalancer, 1)
      record(metric, both, 1)
    },
    count(loadBalancerArn, metric, value = 1) {
      const unit = metric === 'ProcessedBytes' ? 'Bytes' : 'Count'
      record(metric, balancer(loadBalancerArn), value, unit)
    },
    failedOpen(loadBalancerArn, targetGroupArn) {
      record('UnhealthyRoutingRequestCount', series(loadBalancerArn, targetGroupArn).both, 1)
    },
    hosts(loadBalancerArn, targetGroupArn, healthy, unhealthy) {
      const { both } = series(loadBalancerArn, targetGroupArn)
      record('HealthyHostCount', both, healthy)
      record('UnHealthyHostCount', both, unhealthy)
    },
  }
}

/** By the first digit of the status. */
const targetCodes: Readonly<Record<number, string>> = {
  2: 'HTTPCode_Target_2XX_Count',
  3: 'HTTPCode_Target_3XX_Count',
  4: 'HTTPCode_Target_4XX_Count',
  5: 'HTTPCode_Target_5XX_Count',
}
