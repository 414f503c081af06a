/**
 * Where a host belongs. An alias record answers with the addresses of an AWS resource; on this machine there is
 * one address for all, so the front door needs the resource's name instead.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
 */

import { absoluteName, relativeName } from './names.ts'
import type { Route53State } from './state.ts'

/** Aliases may point at other records of the zone, and those at others. */
const depthLimit = 8

export function resolveAlias(zones: Route53State, host: string): { target: string } | undefined {
  let name = absoluteName(host)
  for (let depth = 0; depth < depthLimit; depth++) {
    const types = zones.lookup(name)
    const record = types?.get('A') ?? types?.get('AAAA') ?? types?.get('CNAME')
    const next = record?.alias?.target ?? (record?.type === 'CNAME' ? record.values[0] : undefined)
    if (next === undefined) return depth === 0 ? undefined : { target: relativeName(name) }
    name = absoluteName(next)
  }
  return undefined
}

/** Hosts that `resolveAlias` knows, wildcards included, sorted. */
export function aliasHosts(zones: Route53State): string[] {
  const records = zones.all().flatMap((zone) => zones.records(zone.id))
  const pointing = records.filter(
    ({ alias, type, name }) => alias !== undefined || (type === 'CNAME' && !name.startsWith('_')),
  )
  return [...new Set(pointing.map(({ name }) => relativeName(name)))].sort()
}
