/** Host names: each used once, each service reachable, and within what a listener rule can hold. */
import { conditionValues } from '../limits/network.ts'
import { didYouMean } from '../suggest.ts'
import type { Check } from './check.ts'

/** Of the values of a listener rule the path takes one, and the secret header two while it is rotated. */
const hostsPerService = conditionValues - 3

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
    .filter(({ service }) => service !== undefined && !names.includes(service))
    .map(({ name, service = '' }) => ({
      path: `sites.${name}.service`,
      message: `there is no service "${service}"`,
      fix: didYouMean(service, names, `Name one of the services: ${names.join(', ')}.`),
    }))
}

export const checkServiceHosts: Check = (platform) =>
  platform.services.flatMap(({ name, hosts }) => {
    const path = `services.${name}`
    if (hosts.length === 0) {
      return [
        {
          path,
          message: 'no site sends its /api/* here',
          fix: `Name it in a site (service: "${name}"), or remove it.`,
        },
      ]
    }
    if (hosts.length <= hostsPerService) return []
    return [
      {
        path,
        message: `${hosts.length} sites send their /api/* here; a listener rule has room for ${hostsPerService} hosts`,
        fix: 'Split the service, or serve the sites from one host.',
      },
    ]
  })
