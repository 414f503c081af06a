/** Whether what must connect can connect, and whether every security group is used. */
import type { Rule } from '../../model/finding.ts'
import { networkOf } from '../../model/network.ts'
import { groupTypes, ruleTypes } from '../../model/security-rules.ts'
import { balancersOf, taskDefinitionOf } from '../../model/traffic.ts'

const byReference = 'Add an ingress rule there and an egress rule here, each by reference to the other group.'
const source = 'https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html'

export const connectionRules: readonly Rule[] = [
  {
    name: 'service-reachable',
    severity: 'error',
    demand: 'The load balancer reaches the port of every service that it sends requests to.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html',
    *check(terraform) {
      const network = networkOf(terraform)
      for (const service of network.endpoints.filter(({ kind }) => kind === 'service')) {
        for (const target of service.at.blocks('load_balancer')) {
          const port = target.number('container_port')
          const [group] = target.references('target_group_arn')
          if (port === undefined || group === undefined) continue
          for (const balancer of balancersOf(terraform, group)) {
            const from = network.endpoints.find(({ at }) => at === balancer)
            if (from === undefined || network.reaches(from, service, port)) continue
            yield {
              at: service.at,
              reason: `the security groups do not let ${balancer.address} connect to port ${port}: no task would become healthy`,
              fix: byReference,
            }
          }
        }
      }
    },
  },
  {
    name: 'store-reachable',
    severity: 'error',
    demand: 'A service reaches the database and the file systems that its tasks name.',
    source,
    *check(terraform) {
      const network = networkOf(terraform)
      for (const service of network.endpoints.filter(({ kind }) => kind === 'service')) {
        const definition = taskDefinitionOf(service.at)
        if (definition === undefined) continue
        const named = [...definition.references('container_definitions'), ...definition.references('volume')]
        for (const store of network.endpoints) {
          const database = store.kind === 'database' && named.includes(store.at)
          const files =
            store.kind === 'file system' &&
            store.at.references('file_system_id').some((each) => named.includes(each))
          const port = database ? (store.at.number('port') ?? 5432) : 2049
          if (!(database || files) || network.reaches(service, store, port)) continue
          yield {
            at: service.at,
            reason: `its tasks name ${store.kind} ${store.name}, but may not connect to port ${port} of ${store.at.address}`,
            fix: byReference,
          }
        }
      }
    },
  },
  {
    name: 'security-group-used',
    severity: 'warning',
    demand: 'Something uses every security group.',
    source,
    *check(terraform) {
      const passed = new Set<string>([...ruleTypes, ...groupTypes])
      const used = new Set(
        terraform.resources.filter(({ type }) => !passed.has(type)).flatMap((each) => each.references()),
      )
      for (const group of terraform.all('aws_security_group')) {
        if (used.has(group)) continue
        yield {
          at: group,
          reason: 'nothing is attached to it',
          fix: 'Attach it, or remove it with its rules.',
        }
      }
    },
  },
  {
    name: 'default-security-group',
    severity: 'warning',
    demand: 'The default security group of a VPC has no rules.',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html',
    *check(terraform) {
      for (const vpc of terraform.all('aws_vpc')) {
        const group = terraform.pointingAt(vpc, 'aws_default_security_group', 'vpc_id')[0]
        if (group !== undefined && group.blocks('ingress').length + group.blocks('egress').length === 0)
          continue
        yield {
          at: group ?? vpc,
          reason: 'what starts without its own security group may connect to all others without one',
          fix: 'Add aws_default_security_group without ingress and egress: Terraform then removes AWS’s rules.',
        }
      }
    },
  },
]
