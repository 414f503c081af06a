/** Delivery: alarms must fire while there is still something to stop, and on a canary that fails altogether. */
import { alarmIsTooLate, alarmSeconds, metricLagSeconds, shiftSeconds } from '../limits/timing.ts'
import { matches } from '../path-pattern.ts'
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

export const checkDelivery: Check = ({ delivery, network, services }) => {
  const { shift, alarms } = delivery
  const problems: Problem[] = []
  if (shift.kind !== 'allAtOnce') {
    const needed = alarmSeconds(alarms)
    const watched = shiftSeconds(shift)
    if (alarmIsTooLate(needed, watched)) {
      problems.push({
        path: 'delivery.alarms',
        message:
          `an alarm needs ${needed} s (${alarms.datapoints} × ${alarms.periodSeconds} s and ${metricLagSeconds} s ` +
          `until metrics arrive), the ${shift.kind} ends after ${watched} s`,
        fix: 'Use fewer datapoints, a shorter period, or more minutes.',
      })
    }
  }
  if (shift.kind === 'canary' && alarms.errorPercent >= shift.percent) {
    problems.push({
      path: 'delivery.alarms.errorPercent',
      message: `a canary that fails altogether is ${shift.percent} % of the requests: the alarm would not fire`,
      fix: `Use less than ${shift.percent}.`,
    })
  }
  if (delivery.testPort === 80 || delivery.testPort === 443) {
    problems.push({
      path: 'delivery.testPort',
      message: `port ${delivery.testPort} is used by the production listeners`,
      fix: 'Use another port, e.g. 8443.',
    })
  }
  if (delivery.smokeTest && network.loadBalancer === 'internal') {
    problems.push({
      path: 'delivery.smokeTest',
      message: 'the smoke test runs outside of the VPC and cannot reach an internal load balancer',
      fix: 'Turn it off, or write network.loadBalancer: "internet-facing".',
    })
  }
  for (const { name, traffic } of services) {
    if (traffic === undefined) continue
    const { health, paths } = traffic
    const [asked = ''] = health.path.split('?')
    if (delivery.smokeTest && !paths.some((pattern) => matches(pattern, asked))) {
      problems.push({
        path: `services.${name}.health.path`,
        message: `the smoke test requests it through the load balancer, which sends only ${paths.join(', ')} to the service`,
        fix: `Use a path of ${paths.join(', ')}.`,
      })
    }
    if (health.gracePeriodSeconds < delivery.giveUpAfterMinutes * 60) continue
    problems.push({
      path: `services.${name}.health.gracePeriodSeconds`,
      message: `a release gives up after ${delivery.giveUpAfterMinutes} minutes, before this grace period is over`,
      fix: 'Lower it, or raise delivery.giveUpAfterMinutes.',
    })
  }
  return problems
}
