/**
 * Hosted zones and record sets: the state, the rules of a change batch, and how a name is found.
 *
 * The front door asks for a name at every request, so lookups read an index that is rebuilt after each change.
 */
import { isIP } from 'node:net'
import type { Collection, Store } from '../../store.ts'
import { hostedZoneNotEmpty, invalidChangeBatch, noSuchHostedZone } from './errors.ts'
import { absoluteName, isWithin, relativeName, sortKey } from './names.ts'

export interface Zone {
  /** Without the `/hostedzone/` that the API puts before it. */
  readonly id: string
  /** Absolute: `keencho.com.`. */
  readonly name: string
  readonly comment: string
  readonly callerReference: string
  readonly nameServers: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
}

export interface RecordSet {
  /** Absolute, wildcard as `*`. */
  readonly name: string
  readonly type: string
  readonly ttl?: number
  readonly values: readonly string[]
  readonly alias?: {
    readonly zoneId: string
    readonly target: string
    readonly evaluateTargetHealth: boolean
  }
}

export interface Change {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE'
  readonly record: RecordSet
}

type StoredRecord = RecordSet & { readonly zoneId: string }

export interface Route53State {
  create(zone: Omit<Zone, 'nameServers'>): Zone
  /** Changes a zone's comment. */
  comment(id: string, comment: string): Zone
  /** Gives a zone these tags and no others. */
  tag(id: string, tags: Readonly<Record<string, string>>): void
  get(id: string): Zone
  find(id: string): Zone | undefined
  all(): Zone[]
  /** Removes an empty zone; `force` removes its records too. */
  remove(id: string, force: boolean): void
  /** The zone's record sets in Route 53's order. */
  records(zoneId: string): RecordSet[]
  record(zoneId: string, name: string, type: string): RecordSet | undefined
  /** Applies all of the changes or none. */
  change(zoneId: string, changes: readonly Change[]): void
  /** The zone that is responsible for a name: the longest that matches. */
  zoneOf(name: string): Zone | undefined
  /** All record sets of a name by type; the wildcard's where only that matches. Undefined: no such name. */
  lookup(name: string): ReadonlyMap<string, RecordSet> | undefined
}

const servers = (id: string) =>
  ['com', 'net', 'org', 'co.uk'].map(
    (tld, index) => `ns-${(hash(id) % 512) + index * 512}.awsdns-${index + 10}.${tld}`,
  )

export function createState(store: Store): Route53State {
  const zones: Collection<Zone> = store.collection('route53.zones')
  const records: Collection<StoredRecord> = store.collection('route53.record-sets')
  const key = (zoneId: string, name: string, type: string) => `${zoneId} ${name} ${type}`
  let index: Map<string, Map<string, RecordSet>> | undefined

  records.onReload(() => {
    index = undefined
  })
  const indexed = () => {
    if (index !== undefined) return index
    index = new Map()
    for (const record of records.values()) {
      const types = index.get(record.name) ?? new Map<string, RecordSet>()
      index.set(record.name, types.set(record.type, record))
    }
    return index
  }
  const get = (id: string) => {
    const zone = zones.get(bareId(id))
    if (zone === undefined) throw noSuchHostedZone(bareId(id))
    return zone
  }
  const put = (zoneId: string, record: RecordSet) =>
    records.put(key(zoneId, record.name, record.type), { ...record, zoneId })

  function zoneOf(name: string): Zone | undefined {
    const absolute = absoluteName(name)
    let found: Zone | undefined
    for (const zone of zones.values()) {
      if (isWithin(absolute, zone.name) && zone.name.length > (found?.name.length ?? 0)) found = zone
    }
    return found
  }

  return {
    get,
    find: (id) => zones.get(bareId(id)),
    all: () => zones.values().sort((a, b) => (sortKey(a.name) < sortKey(b.name) ? -1 : 1)),
    zoneOf,
    create(wanted) {
      const zone: Zone = { ...wanted, name: absoluteName(wanted.name), nameServers: servers(wanted.id) }
      store.transaction(() => {
        zones.put(zone.id, zone)
        for (const record of requiredRecords(zone)) put(zone.id, record)
      })
      index = undefined
      return zone
    },
    comment(id, comment) {
      const zone = { ...get(id), comment }
      zones.put(zone.id, zone)
      return zone
    },
    tag(id, tags) {
      const zone = get(id)
      zones.put(zone.id, { ...zone, tags })
    },
    remove(id, force) {
      const zone = get(id)
      const own = records.values().filter((record) => record.zoneId === zone.id)
      if (!force && own.some((record) => !isRequired(zone, record))) throw hostedZoneNotEmpty()
      store.transaction(() => {
        for (const record of own) records.delete(key(zone.id, record.name, record.type))
        zones.delete(zone.id)
      })
      index = undefined
    },
    records: (zoneId) =>
      records
        .values()
        .filter((record) => record.zoneId === get(zoneId).id)
        .sort((a, b) => compare(sortKey(a.name), sortKey(b.name)) || compare(a.type, b.type)),
    record: (zoneId, name, type) => records.get(key(bareId(zoneId), absoluteName(name), type)),
    change(zoneId, changes) {
      const zone = get(zoneId)
      const problems: string[] = []
      try {
        store.transaction(() => {
          for (const { action, record } of changes) {
            const problem = check(
              zone,
              action,
              record,
              records.get(key(zone.id, record.name, record.type)),
              records,
            )
            if (problem !== undefined) problems.push(problem)
            else if (action === 'DELETE') records.delete(key(zone.id, record.name, record.type))
            else put(zone.id, record)
          }
          if (problems.length > 0) throw invalidChangeBatch(problems)
        })
      } finally {
        index = undefined
      }
    },
    lookup(name) {
      const absolute = absoluteName(name)
      const names = indexed()
      const exact = names.get(absolute)
      if (exact !== undefined) return exact
      // A wildcard answers for every name below it that has no records (RFC 4592).
      for (let rest = absolute; rest.includes('.', 1); ) {
        rest = rest.slice(rest.indexOf('.') + 1)
        if (names.has(rest)) return names.get(`*.${rest}`)
        const wildcard = names.get(`*.${rest}`)
        if (wildcard !== undefined) return wildcard
      }
      return undefined
    },
  }
}

/** What is wrong with a change, in Route 53's words; undefined when it may be applied. */
function check(
  zone: Zone,
  action: Change['action'],
  record: RecordSet,
  existing: RecordSet | undefined,
  records: Collection<StoredRecord>,
): string | undefined {
  const name = relativeName(record.name)
  const label = `[name='${record.name}', type='${record.type}']`
  if (!isWithin(record.name, zone.name)) {
    return `RRSet with DNS name ${record.name} is not permitted in zone ${zone.name}`
  }
  if (action === 'CREATE' && existing !== undefined) {
    return `Tried to create resource record set ${label} but it already exists`
  }
  if (action === 'DELETE') {
    if (existing === undefined) return `Tried to delete resource record set ${label} but it was not found`
    if (!sameValues(existing, record)) {
      return `Tried to delete resource record set ${label} but the values provided do not match the current values`
    }
    return isRequired(zone, record) ? `A HostedZone must contain its ${record.type} record` : undefined
  }
  if (record.type === 'CNAME' && record.name === zone.name) {
    return `RRSet of type CNAME with DNS name ${record.name} is not permitted at apex in zone ${zone.name}`
  }
  const others = records.values().filter((other) => other.zoneId === zone.id && other.name === record.name)
  const conflict = others.some(
    (other) => other.type !== record.type && 'CNAME' === (record.type === 'CNAME' ? 'CNAME' : other.type),
  )
  if (conflict) {
    return `RRSet of type ${record.type} with DNS name ${record.name} is not permitted as it conflicts with other records with the same DNS name in zone ${relativeName(zone.name)}.`
  }
  const illegal = illegalAddress(record)
  if (illegal !== undefined) return illegal
  if (record.alias === undefined && record.values.length === 0) return `Missing records for ${name}`
  return undefined
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html */
function illegalAddress({ type, values }: RecordSet): string | undefined {
  if (type !== 'A' && type !== 'AAAA') return undefined
  const [family, what] = type === 'A' ? [4, 'IPv4'] : [6, 'IPv6']
  const illegal = values.find((value) => isIP(value) !== family)
  if (illegal === undefined) return undefined
  const problem = `${type}RRDATAIllegal${what}Address (Value is not a valid ${what} address)`
  return `Invalid Resource Record: FATAL problem: ${problem} encountered with '${illegal}'`
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function sameValues(a: RecordSet, b: RecordSet): boolean {
  if (a.alias !== undefined || b.alias !== undefined) {
    return a.alias?.target === b.alias?.target && a.alias?.zoneId === b.alias?.zoneId
  }
  return a.ttl === b.ttl && [...a.values].sort().join('\n') === [...b.values].sort().join('\n')
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html */
function requiredRecords(zone: Zone): RecordSet[] {
  const soa = `${zone.nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`
  return [
    { name: zone.name, type: 'NS', ttl: 172_800, values: zone.nameServers.map((server) => `${server}.`) },
    { name: zone.name, type: 'SOA', ttl: 900, values: [soa] },
  ]
}

function isRequired(zone: Zone, record: RecordSet): boolean {
  return record.name === zone.name && (record.type === 'NS' || record.type === 'SOA')
}

/** `/hostedzone/Z123` and `Z123` are the same. */
export function bareId(id: string): string {
  return id.replace(/^\/?hostedzone\//, '')
}

function hash(text: string): number {
  let value = 7
  for (const sign of text) value = (value * 31 + sign.charCodeAt(0)) >>> 0
  return value
}
