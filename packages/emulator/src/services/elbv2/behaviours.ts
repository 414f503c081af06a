/** What AWS documents of Application Load Balancers and the emulator does otherwise, or not yet. */
import type { Behaviours } from '../../behaviours.ts'

/** Page, and section after a `#`. */
const guide = (place: string) => {
  const [page, section] = place.split('#')
  return `https://docs.aws.amazon.com/elasticloadbalancing/latest/application/${page}.html${section === undefined ? '' : `#${section}`}`
}

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'takes up to three values in each condition of a rule',
      page: guide('rule-condition-types'),
      why: 'The service itself takes five in one, as people’s rules show, and names five for the whole rule when it refuses: so does the emulator. Match evaluations are counted as values.',
    },
    {
      behaviour: 'is a fleet of nodes in the zones of its subnets',
      page: guide('application-load-balancers#availability-zones'),
      why: 'One node stands for all: thresholds of healthy targets count over all zones, no name fails over, turning cross-zone load balancing off has no effect. data-plane/target/connections.ts says what it means for connections.',
    },
    {
      behaviour: 'provisions a load balancer for minutes',
      page: guide('create-application-load-balancer'),
      why: 'It is active at once.',
    },
    {
      behaviour: 'lets severe requests pass in monitor mode, and those with two lengths in defensive mode',
      page: guide('application-load-balancers#desync-mitigation-mode'),
      why: 'What the parser of node:http cannot read with certainty (both lengths, two lengths, folded headers, control characters, versions other than 1.0 and 1.1) gets 400 in every mode, and counts as not compliant: stricter than AWS, never laxer.',
    },
    {
      behaviour: 'appends a colon to headers of several lines',
      page: guide('load-balancer-troubleshooting#multi-line-headers-issue'),
      why: 'They are answered with 400.',
    },
    {
      behaviour: 'takes any method that is well formed',
      page: guide('rule-condition-types#http-request-method-conditions'),
      why: 'node:http knows those of the IANA registry; another one over HTTP/1.1 gets 400.',
    },
    {
      behaviour: 'supports the transfer encoding identity',
      page: guide('load-balancer-troubleshooting#http-501-issues'),
      why: 'RFC 7230 removed it from HTTP/1.1; it gets 501.',
    },
    {
      behaviour:
        'lets a client take its time for the headers as long as one byte comes within each idle time-out',
      page: guide('load-balancer-troubleshooting#http-408-issues'),
      why: 'All of them must be there after the idle time-out and half a minute: a client that sends them slower gets 408.',
    },
    {
      behaviour: 'splits the cookie AWSALBAPP into fragments of 4 KB',
      page: guide('edit-target-group-attributes#sticky-sessions'),
      why: 'It fits into one.',
    },
  ],
  missing: [
    {
      behaviour: 'has Network Load Balancers and Gateway Load Balancers',
      page: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/what-is-load-balancing.html',
      why: 'Load balancers of these types, and target groups of their protocols, are refused by name.',
    },
    {
      behaviour: 'forwards to targets by HTTP/2 and gRPC',
      page: guide('load-balancer-target-groups#target-group-protocol-version'),
      why: 'Target groups of these protocol versions are refused by name.',
    },
    {
      behaviour: 'forwards to Lambda functions and instances',
      page: guide('load-balancer-target-groups#target-type'),
      why: 'Lambda target groups, and registering instances, are refused by name.',
    },
    {
      behaviour: 'authenticates users and validates tokens',
      page: guide('listener-authenticate-users'),
      why: 'The actions authenticate-oidc, authenticate-cognito and jwt-validation are refused by name.',
    },
    {
      behaviour: 'asks clients for certificates (mutual TLS)',
      page: guide('mutual-authentication'),
      why: 'Refused by name, and trust stores with it.',
    },
    {
      behaviour: 'speaks the TLS versions and ciphers of a listener’s security policy',
      page: guide('describe-ssl-policies'),
      why: 'Every listener takes TLS 1.2 and 1.3.',
    },
    {
      behaviour: 'renames the headers X-Amzn-Tls-Version and X-Amzn-Tls-Cipher-Suite',
      page: guide('header-modification#rename-header'),
      why: 'The listener attributes for requests are not known here.',
    },
    {
      behaviour: 'takes weight from targets that behave anomalously (automatic target weights)',
      page: guide('edit-target-group-attributes#automatic-target-weights'),
      why: 'The attribute is kept; weighted random draws evenly.',
    },
    {
      behaviour:
        'publishes metrics by Availability Zone, LCUs, rule evaluations, IPv6 and zones that meet health requirements',
      page: guide('load-balancer-cloudwatch-metrics'),
      why: 'There is one node and no price; RejectedConnectionCount has no limit that it could count.',
    },
    {
      behaviour: 'writes access logs, connection logs and health check logs',
      page: guide('load-balancer-access-logs'),
      why: 'The settings are kept. What failed is in the emulator’s event log as `Request Failed`.',
    },
    {
      behaviour: 'asks a web application firewall',
      page: guide('load-balancer-waf'),
      why: 'There is none.',
    },
    {
      behaviour: 'listens on IPv6',
      page: guide('application-load-balancers#ip-address-type'),
      why: 'Listeners and targets are on IPv4 loopback addresses.',
    },
    {
      behaviour: 'reserves capacity, and takes addresses from pools',
      page: guide('capacity-unit-reservation'),
      why: 'A balancer is as large as this machine and listens there; both are refused by name.',
    },
  ],
}
