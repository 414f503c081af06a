/**
 * Times that must fit together, stated once. The checks of the configuration read them from its options, the rules
 * of `baton check` from the Terraform: docs/decisions/0027-one-rule-in-one-place.md. All values are in seconds
 * unless their name says otherwise.
 */

/** Fargate waits no longer between SIGTERM and SIGKILL: API_ContainerDefinition, stopTimeout. */
export const longestStopSeconds = 120

/**
 * Whether a task can be killed while requests that it may still finish are under way: what runs when the drain is
 * over must end before SIGKILL.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
 */
export const stopCutsRequests = (times: { drainSeconds: number; stopTimeoutSeconds: number }): boolean =>
  times.drainSeconds > times.stopTimeoutSeconds

/** Whether a health check can still wait for its answer when the next begins: API_CreateTargetGroup. */
export const healthChecksOverlap = (check: { intervalSeconds: number; timeoutSeconds: number }): boolean =>
  check.timeoutSeconds >= check.intervalSeconds

/**
 * How late metrics arrive after their minute has ended: Elastic Load Balancing reports in intervals of 60 s.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export const metricLagSeconds = 60

/** How long an alarm needs to fire, from the first bad request. */
export const alarmSeconds = (alarm: { periodSeconds: number; datapoints: number }): number =>
  alarm.periodSeconds * alarm.datapoints + metricLagSeconds

/**
 * How long a shift takes from its first step to its last.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
 */
export function shiftSeconds(shift: { kind: 'canary' | 'linear'; percent: number; minutes: number }): number {
  const steps = shift.kind === 'canary' ? 1 : Math.ceil(100 / shift.percent) - 1
  return shift.minutes * 60 * steps
}

/** Whether an alarm fires only when everything is shifted already, so that there is nothing left to stop. */
export const alarmIsTooLate = (alarmNeeds: number, shiftTakes: number): boolean => alarmNeeds >= shiftTakes
