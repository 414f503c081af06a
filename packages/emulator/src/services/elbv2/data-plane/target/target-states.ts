/**
 * The states of a target's health with AWS's codes and words, and how many healthy ones a group has to have.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states
 */
import type { TargetHealth } from '../../contract.ts'
import type { TargetGroup } from '../../model/model.ts'

export const notInUse: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
}
export const registering: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
}
export const checkingFirst: TargetHealth = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
}
export const deregistering: TargetHealth = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
}
export const notRegistered: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
}

/**
 * With fewer healthy targets requests go to all of them; `off` asks for none.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-health
 */
export function minimumHealthy(group: TargetGroup, registered: number): number {
  const prefix = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets'
  const count = Number(group.settings[`${prefix}.count`] ?? 1)
  const percentage = Number(group.settings[`${prefix}.percentage`])
  return Math.max(
    Number.isFinite(count) ? count : 0,
    Number.isFinite(percentage) ? Math.ceil((registered * percentage) / 100) : 0,
  )
}
