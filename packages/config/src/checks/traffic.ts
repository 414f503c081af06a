/** Paths: services that share a host must not both answer one, and the pool of hashed assets stays the site's. */
import { overlap } from '../path-pattern.ts'
import type { Problem } from '../problems.ts'
import type { Check } from './check.ts'

/** The first is a behaviour of every site, the second holds its releases in the bucket. */
const ofSites = ['/assets/*', '/releases/*']

/**
 * Wildcards in all conditions of a listener rule.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const wildcardsPerRule = 6

export const checkTraffic: Check = ({ services }) =>
  services.flatMap((service, index) => {
    const { traffic } = service
    if (traffic === undefined) return []
    const path = `services.${service.name}.paths`
    const wildcards = traffic.paths.join('').replaceAll(/[^*?]/g, '').length
    const problems: Problem[] = traffic.paths.flatMap((pattern, at) => {
      const taken = ofSites.find((other) => overlap(pattern, other))
      if (taken !== undefined) {
        return [
          {
            path: `${path}.${at}`,
            message: `${pattern} covers paths of ${taken}, which belongs to the files of the site`,
            fix: 'Use a narrower path, e.g. "/api/*".',
          },
        ]
      }
      const twice = traffic.paths.slice(0, at).find((other) => overlap(pattern, other))
      if (twice === undefined) return []
      const message = `${pattern} and ${twice} cover the same paths`
      return [{ path: `${path}.${at}`, message, fix: 'Keep the wider one.' }]
    })
    const others = services.slice(0, index).flatMap((other): Problem[] => {
      const host = traffic.hosts.find((each) => other.traffic?.hosts.includes(each))
      if (host === undefined) return []
      const both = traffic.paths.flatMap((a) =>
        (other.traffic?.paths ?? []).filter((b) => overlap(a, b)).map((b) => (a === b ? a : `${a} and ${b}`)),
      )
      if (both.length === 0) return []
      return [
        {
          path,
          message: `${other.name} answers the same paths of ${host}: ${both.join(', ')}`,
          fix: 'Give each service paths of its own, e.g. paths: ["/api/reports/*"].',
        },
      ]
    })
    const tooMany: Problem[] =
      wildcards <= wildcardsPerRule
        ? []
        : [
            {
              path,
              message: `a listener rule takes ${wildcardsPerRule} wildcards, these paths have ${wildcards}`,
              fix: 'Use fewer * and ?.',
            },
          ]
    return [...problems, ...others, ...tooMany]
  })
