/** Host names: each used once, each service reachable, and within what a listener rule can hold. */
import { conditionValues } from '../limits/network.ts'
import { didYouMean } from '../suggest.ts'
import type { Check } from './check.ts'

/** Of the values of a listener rule the secret header takes two while it is rotated. */
const hostsAndPaths = conditionValues - 2

export const checkHosts: Check = (platform) => {
  const owners = new Map<string, string>()
  const claims = [
    ...platform.sites.map((site) => ({ path: `sites.${site.name}.host`, host: site.host })),
    ...(platform.resources === undefined ? [] : [{ path: 'resources.host', host: platform.resources.host }]),
  ]
  return claims.flatMap(({ path, host }) => {
    const owner = owners.get(host)
    if (owner === undefined) {
      owners.set(host, path)
      return []
    }
    return [{ path, message: `${host} is used twice: ${owner} has it too`, fix: 'Give each its own host.' }]
  })
}

export const checkSiteServices: Check = (platform) => {
  const names = platform.services.map(({ name }) => name)
  return platform.sites
    .flatMap(({ name, services }) => services.map((service) => ({ name, service })))
    .filter(({ service }) => !names.includes(service))
    .map(({ name, service }) => ({
      path: `sites.${name}.service`,
      message: `there is no service "${service}"`,
      fix: didYouMean(service, names, `Name one of the services: ${names.join(', ')}.`),
    }))
}

export const checkServiceHosts: Check = (platform) =>
  platform.services.flatMap(({ name, traffic }) => {
    if (traffic === undefined) return []
    const path = `services.${name}`
    const { hosts, paths } = traffic
    const listed = paths.join(', ')
    if (hosts.length === 0) {
      return [
        {
          path,
          message: `no site sends its ${listed} here`,
          fix: `Name it in a site (service: "${name}"), write worker: true if nothing calls it, or remove it.`,
        },
      ]
    }
    if (hosts.length + paths.length <= hostsAndPaths) return []
    return [
      {
        path: paths.length > 1 ? `${path}.paths` : path,
        message: `${hosts.length} sites send their ${listed} here; a listener rule has room for ${hostsAndPaths} hosts and paths together`,
        fix: 'Use fewer paths, split the service, or serve the sites from one host.',
      },
    ]
  })
