/** What the load balancer offers the other services of the emulator: targets for ECS, rules for CodeDeploy. */
import type { Service } from '../../service.ts'

export interface Target {
  /** IP address of the task on this machine, e.g. `127.10.0.7`. */
  readonly id: string
  readonly port: number
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
export interface TargetHealth {
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused'
  readonly reason?: string
  readonly description?: string
}

export interface WeightedTargetGroup {
  readonly targetGroupArn: string
  readonly weight: number
}

export interface ForwardingRule {
  readonly ruleArn: string
  readonly listenerArn: string
  readonly isDefault: boolean
  readonly targetGroups: readonly WeightedTargetGroup[]
}

export interface Elbv2 extends Service {
  registerTarget(targetGroupArn: string, target: Target): void
  /** Starts draining; resolves once the target is `unused`: its requests finished and the delay over, or cut off. */
  deregisterTarget(targetGroupArn: string, target: Target): Promise<void>
  /** Undefined when the target is not registered there. */
  targetHealth(targetGroupArn: string, target: Target): TargetHealth | undefined
  /** Resolves when the target is healthy; rejects with the signal's reason. */
  targetHealthy(targetGroupArn: string, target: Target, signal: AbortSignal): Promise<void>
  /** Calls `listener` at each change of a target's health; returns the end of it. */
  onTargetHealth(listener: (targetGroupArn: string, target: Target, health: TargetHealth) => void): () => void
  /** The address of a load balancer in the emulator's name service; undefined where there is none of this ARN. */
  dnsNameOf(loadBalancerArn: string): string | undefined
  targetGroupByName(name: string): { arn: string; name: string; healthCheckIntervalMs?: number } | undefined
  /** The rules of a listener that forward, its default rule included. */
  forwardingRules(listenerArn: string): ForwardingRule[]
  /** Replaces the forward action of a rule; takes effect for the next request. */
  setForward(ruleArn: string, targetGroups: readonly WeightedTargetGroup[]): void
  listenerExists(listenerArn: string): boolean
}
