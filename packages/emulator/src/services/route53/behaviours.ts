/** What AWS documents of Route 53, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'serves a change within 60 seconds',
      page: `${guide}/resource-record-sets-creating.html`,
      why: 'It is served at once; GetChange answers PENDING for 30 seconds of AWS time, and an apply does not wait for it.',
    },
    {
      behaviour: 'answers AAAA queries for an alias',
      page: `${guide}/resource-record-sets-choosing-alias-non-alias.html`,
      why: 'The front door listens on IPv4 only, so an alias has no AAAA record.',
    },
  ],
  missing: [
    {
      behaviour: 'routes by weight, latency, location, failover and multivalue answers',
      page: `${guide}/routing-policy.html`,
      why: 'Refused by name: routing is simple.',
    },
    {
      behaviour: 'has private hosted zones',
      page: `${guide}/hosted-zones-private.html`,
      why: 'Refused by name: zones are public.',
    },
    {
      behaviour: 'checks the health of endpoints',
      page: `${guide}/dns-failover.html`,
      why: 'There are no health checks.',
    },
    {
      behaviour: 'signs its answers by DNSSEC',
      page: `${guide}/dns-configuring-dnssec.html`,
      why: 'Answers are not signed.',
    },
  ],
}
