/** What can reach what on which ports: the table that users read first. */
import { type Endpoint, networkOf } from './network.ts'
import { isCloudfront, isWorld, type Ports, type SecurityRule } from './security-rules.ts'
import type { Terraform } from './terraform.ts'

export interface Connection {
  /** e.g. `load balancer main`; `world` for everyone, `CloudFront` for its addresses. */
  readonly from: string
  readonly to: string
  /** e.g. `8080`, `80, 443`, `all`. */
  readonly ports: string
}

/** Every connection that security groups, subnets and routes let through. */
export function connections(terraform: Terraform): Connection[] {
  const network = networkOf(terraform)
  const endpoints = [...Map.groupBy(network.endpoints, label).values()].flatMap((same) => same.slice(0, 1))
  const edge = terraform
    .all('aws_cloudfront_distribution')
    .filter((distribution) => distribution.flag('enabled') !== false)
    .map(({ id }) => ({ from: 'world', to: `distribution ${id}`, ports: '80, 443' }))
  const listed = (from: string, to: string, rules: readonly SecurityRule[]): Connection[] =>
    rules.length === 0 ? [] : [{ from, to, ports: describePorts(rules.map(({ ports }) => ports)) }]
  const outward = (endpoint: Endpoint) =>
    endpoint.subnets.some((subnet) => {
      const way = network.wayOut(subnet)
      return way === 'internet-gateway' ? endpoint.isPublic : way !== undefined
    })
  const fromEdge = endpoints.flatMap((to) => {
    const rules = network.rules.filter(
      (rule) => rule.direction === 'ingress' && isCloudfront(rule) && to.groups.includes(rule.group),
    )
    return to.isPublic ? listed('CloudFront', label(to), rules) : []
  })
  return [
    ...edge,
    ...endpoints.flatMap((to) => listed('world', label(to), network.fromWorld(to))),
    ...fromEdge,
    ...endpoints.flatMap((from) =>
      endpoints
        .filter((to) => label(to) !== label(from))
        // What the world reaches, everything reaches: it is in the world's row.
        .flatMap((to) =>
          listed(
            label(from),
            label(to),
            network.between(from, to).filter((rule) => !(to.isPublic && isWorld(rule))),
          ),
        ),
    ),
    ...endpoints.filter(outward).flatMap((from) => {
      const out = network.rules.filter(
        (rule) => rule.direction === 'egress' && isWorld(rule) && from.groups.includes(rule.group),
      )
      return listed(label(from), 'world', out)
    }),
  ]
}

/** Connections that differ in the name of one side only become one: `services admin, user`. */
export function summarize(all: readonly Connection[]): Connection[] {
  const merge = (rows: readonly Connection[], side: 'from' | 'to') => {
    const other = side === 'from' ? 'to' : 'from'
    const alike = Map.groupBy(rows, (row) => `${kindOf(row[side])}|${row[other]}|${row.ports}`)
    return [...alike.values()].flatMap(([first, ...rest]) =>
      first === undefined ? [] : [{ ...first, [side]: namesOf([first, ...rest].map((row) => row[side])) }],
    )
  }
  return merge(merge(all, 'to'), 'from')
}

const label = ({ kind, name }: Endpoint) => `${kind} ${name}`
const kindOf = (labels: string) => labels.slice(0, labels.lastIndexOf(' ', labels.indexOf(',') >>> 0))

function namesOf(labels: readonly string[]): string {
  const [first = ''] = labels
  if (labels.length === 1) return first
  const kind = kindOf(first)
  const names = labels.map((each) => each.slice(kind.length + 1))
  return `${kind}s ${names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}`
}

export function describePorts(all: readonly Ports[]): string {
  const texts = [...all]
    .sort((a, b) => a.from - b.from)
    .map(({ protocol, from, to }) => {
      if (protocol === 'all') return 'all'
      return `${from === to ? from : `${from}-${to}`}${protocol === 'tcp' || protocol === '6' ? '' : `/${protocol}`}`
    })
  return [...new Set(texts)].join(', ')
}
