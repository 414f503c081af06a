/** What is open to the world, and what reaches the database. */

import type { Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import { networkOf } from '../../model/network.ts'
import { describePorts } from '../../model/reachability.ts'
import { isWorld } from '../../model/security-rules.ts'
import { distributionsBefore, forwards, rulesOf, targetsOf } from '../../model/traffic.ts'

const demandsHeader = (rule: Resource) =>
  rule.blocks('condition').some((condition) => condition.blocks('http_header').length > 0)

export const exposureRules: readonly Rule[] = [
  {
    name: 'open-ingress',
    severity: 'error',
    demand: 'The world reaches ports 80, 443 and the listeners of the load balancer, and nothing else.',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html',
    *check(terraform) {
      const network = networkOf(terraform)
      for (const rule of network.rules) {
        if (rule.direction !== 'ingress' || !isWorld(rule)) continue
        const users = network.endpoints.filter(({ groups }) => groups.includes(rule.group))
        const balancers = users.filter(({ at }) => at.type === 'aws_lb').map(({ at }) => at)
        const listened = balancers.flatMap((balancer) =>
          terraform
            .pointingAt(balancer, 'aws_lb_listener', 'load_balancer_arn')
            .map((listener) => listener.number('port')),
        )
        const { from, to, protocol } = rule.ports
        const onBalancer = users.length > 0 && users.length === balancers.length
        if (onBalancer && protocol === 'tcp' && from === to && [80, 443, ...listened].includes(from)) continue
        const whose = users.map(({ kind, name }) => `${kind} ${name}`).join(', ')
        yield {
          at: rule.at,
          reason: `everyone may connect to ${whose || `what uses ${rule.group.address}`} on ${describePorts([rule.ports])}`,
          fix: 'Admit a security group by reference, or only the ports of the load balancer’s listeners.',
        }
      }
    },
  },
  {
    name: 'secret-header',
    severity: 'error',
    demand:
      'Rules behind a distribution, and those of the test listener, forward only with the secret header.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html',
    *check(terraform) {
      for (const balancer of terraform.all('aws_lb')) {
        if (balancer.flag('internal') === true) continue
        const listeners = terraform.pointingAt(balancer, 'aws_lb_listener', 'load_balancer_arn')
        const served = distributionsBefore(terraform, balancer).flatMap(({ distribution }) =>
          distribution.texts('aliases'),
        )
        const guarded = listeners
          .flatMap((listener) => rulesOf(terraform, listener))
          .filter(demandsHeader)
          .flatMap((rule) => targetsOf(rule))
        for (const listener of listeners) {
          const isTest = ![80, 443].includes(listener.number('port') ?? 443)
          for (const rule of rulesOf(terraform, listener)) {
            if (!forwards(rule) || demandsHeader(rule)) continue
            const hosts = rule
              .blocks('condition')
              .flatMap((condition) => condition.texts('host_header', 'values'))
            // A host that no distribution serves may be called directly, if no guarded rule has the same targets.
            const passesEdge =
              served.length > 0 &&
              (hosts.length === 0 ||
                hosts.some((host) => /[*?]/.test(host) || served.includes(host)) ||
                targetsOf(rule).some((group) => guarded.includes(group)))
            if (!isTest && !passesEdge) continue
            yield {
              at: rule,
              reason: `everyone who calls the load balancer on port ${listener.text('port') ?? 443} reaches the service${passesEdge ? ', past CloudFront' : ''}`,
              fix: 'Add a condition http_header with the secret that CloudFront sends.',
            }
          }
        }
      }
    },
  },
  {
    name: 'header-accepted',
    severity: 'error',
    demand: 'A rule accepts the secret header that the distribution in front of it sends.',
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html',
    *check(terraform) {
      for (const balancer of terraform.all('aws_lb')) {
        const accepted = terraform
          .pointingAt(balancer, 'aws_lb_listener', 'load_balancer_arn')
          .flatMap((listener) => rulesOf(terraform, listener))
          .flatMap((rule) => rule.blocks('condition').flatMap((condition) => condition.blocks('http_header')))
        if (accepted.length === 0) continue
        for (const { distribution, origin } of distributionsBefore(terraform, balancer)) {
          const sent = origin.blocks('custom_header')
          const fits = accepted.some((header) =>
            sent.some(
              (each) =>
                each.text('name')?.toLowerCase() === header.text('http_header_name')?.toLowerCase() &&
                header.texts('values').includes(each.text('value') ?? ''),
            ),
          )
          if (fits) continue
          yield {
            at: distribution,
            reason:
              'no rule of the load balancer accepts the header that this distribution sends: its requests get the default answer',
            fix: 'Send the header and value that the rules demand; to rotate, let the rules accept both first.',
          }
        }
      }
    },
  },
  {
    name: 'database-public',
    severity: 'error',
    demand: 'A database has no public address.',
    source:
      'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html',
    *check(terraform) {
      for (const database of terraform.all('aws_db_instance', 'aws_rds_cluster_instance')) {
        if (database.flag('publicly_accessible') !== true) continue
        yield {
          at: database,
          reason: 'the database gets a public address',
          fix: 'Set publicly_accessible = false; reach it through ECS Exec or a session of Systems Manager.',
        }
      }
    },
  },
  {
    name: 'database-reachable',
    severity: 'error',
    demand: 'Only services, jobs, functions and tasks such as the migration reach a database.',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html',
    *check(terraform) {
      const { endpoints, rules } = networkOf(terraform)
      for (const database of endpoints.filter(({ kind }) => kind === 'database')) {
        const own = rules.filter(
          ({ direction, group }) => direction === 'ingress' && database.groups.includes(group),
        )
        for (const rule of own) {
          const { peer } = rule
          const peers = endpoints.filter(({ groups }) => peer.kind === 'group' && groups.includes(peer.group))
          const strangers = peers.filter(
            ({ kind }) => !['service', 'job', 'task', 'function', 'database'].includes(kind),
          )
          if (peer.kind === 'group' && strangers.length === 0) continue
          const who =
            peer.kind === 'group'
              ? strangers.map(({ kind, name }) => `${kind} ${name}`).join(', ')
              : peer.kind === 'block'
                ? peer.cidr
                : `prefix list ${peer.name}`
          yield {
            at: rule.at,
            reason: `${who} may connect to the database ${database.name}`,
            fix: 'Admit the security groups of the services and of the migration, by reference.',
          }
        }
      }
    },
  },
]
