/** Route 53's Terraform resource types. */
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { firstBlock, stringMap } from '../../terraform/type/values.ts'
import { absoluteName, isWithin, relativeName } from './names.ts'
import { refuseUnanswerable } from './operations.ts'
import { bareId, type RecordSet, type Route53State, type Zone } from './state.ts'

const timeouts = ignored('nothing here takes long enough to time out')

export const createResourceTypes = (context: EmulatorContext, zones: Route53State): ResourceType[] => [
  createZoneType(context, zones),
  createRecordType(zones),
]

export const createDataSourceTypes = (zones: Route53State): DataSourceType[] => [createZoneDataSource(zones)]

function createZoneType({ ids }: EmulatorContext, zones: Route53State): ResourceType {
  const attributesOf = (planned: Attributes, zone: Zone): Attributes => ({
    ...planned,
    id: zone.id,
    zone_id: zone.id,
    name: relativeName(zone.name),
    comment: zone.comment,
    arn: `arn:aws:route53:::hostedzone/${zone.id}`,
    name_servers: [...zone.nameServers].sort(),
    primary_name_server: zone.nameServers[0] ?? null,
  })
  return {
    type: 'aws_route53_zone',
    attributes: {
      name: implemented({ forceNew: true }),
      comment: implemented({ default: 'Managed by Terraform' }),
      force_destroy: implemented({ default: false }),
      delegation_set_id: ignored('name servers are not delegated to here', { forceNew: true }),
      enable_accelerated_recovery: ignored('there is one DNS server', { default: false }),
      tags: ignored('tags have no effect on DNS'),
      tags_all: computed(),
      timeouts,
      id: computed(),
      zone_id: computed(),
      arn: computed(),
      name_servers: computed(),
      primary_name_server: computed(),
    },
    create(planned, { address }) {
      const zone = zones.create({
        id: ids.upper('Z', 20),
        name: String(planned.name),
        comment: String(planned.comment ?? ''),
        callerReference: `terraform-${address}-${ids.hex('', 8)}`,
      })
      zones.tag(zone.id, stringMap(planned.tags_all ?? planned.tags))
      return attributesOf(planned, zone)
    },
    read(prior) {
      const zone = zones.find(String(prior.id))
      return zone && { ...attributesOf(prior, zone), tags_all: { ...zone.tags } }
    },
    update(planned, prior) {
      zones.tag(String(prior.id), stringMap(planned.tags_all ?? planned.tags))
      return attributesOf(
        { ...prior, ...planned },
        zones.comment(String(prior.id), String(planned.comment ?? '')),
      )
    },
    delete: (prior) => zones.remove(String(prior.id), prior.force_destroy === true),
  }
}

function createRecordType(zones: Route53State): ResourceType {
  const write = (planned: Attributes, action: 'CREATE' | 'UPSERT', prior?: Attributes): Attributes => {
    const zone = zones.get(String(planned.zone_id))
    const record = toRecord(planned, zone)
    refuseUnanswerable(record.type)
    const before = prior && zones.record(zone.id, record.name, String(prior.type))
    // Of another type it is another record set: one batch takes the old one away and makes the new one.
    const changes =
      before === undefined || before.type === record.type
        ? [{ action, record }]
        : [
            { action: 'DELETE' as const, record: before },
            { action: 'CREATE' as const, record },
          ]
    zones.change(zone.id, changes)
    return {
      ...planned,
      id: `${zone.id}_${relativeName(record.name)}_${record.type}`,
      fqdn: relativeName(record.name),
    }
  }
  return {
    type: 'aws_route53_record',
    attributes: {
      zone_id: implemented({ forceNew: true }),
      name: implemented({ forceNew: true }),
      type: implemented(),
      ttl: implemented(),
      records: implemented({ set: true }),
      allow_overwrite: implemented({ computed: true }),
      alias: block(
        {
          name: implemented(),
          zone_id: implemented(),
          evaluate_target_health: ignored('a load balancer answers for its targets itself'),
        },
        { maxItems: 1 },
      ),
      timeouts,
      id: computed(),
      fqdn: computed(),
    },
    create: (planned) => write(planned, planned.allow_overwrite === true ? 'UPSERT' : 'CREATE'),
    update: (planned, prior) => write({ ...prior, ...planned }, 'UPSERT', prior),
    read(prior) {
      const zone = zones.find(String(prior.zone_id))
      if (zone === undefined) return undefined
      const found = zones.record(zone.id, fullName(String(prior.name), zone), String(prior.type))
      if (found === undefined) return undefined
      const { alias } = found
      // The SDK's values and Terraform's differ by the quotes of TXT and by trailing dots; only real drift shows.
      const known = toRecord(prior, zone)
      if (alias === undefined && found.ttl === known.ttl && sameText(found.values, known.values)) return prior
      if (alias !== undefined && alias.target === known.alias?.target && alias.zoneId === known.alias.zoneId)
        return prior
      return alias === undefined
        ? { ...prior, alias: [], ttl: found.ttl ?? null, records: [...found.values] }
        : {
            ...prior,
            ttl: null,
            records: [],
            alias: [
              {
                name: relativeName(alias.target),
                zone_id: alias.zoneId,
                evaluate_target_health: alias.evaluateTargetHealth,
              },
            ],
          }
    },
    delete(prior) {
      const zone = zones.find(String(prior.zone_id))
      const record = zone && zones.record(zone.id, fullName(String(prior.name), zone), String(prior.type))
      if (zone !== undefined && record !== undefined) zones.change(zone.id, [{ action: 'DELETE', record }])
    },
  }
}

function createZoneDataSource(zones: Route53State): DataSourceType {
  return {
    type: 'aws_route53_zone',
    attributes: {
      zone_id: implemented({ computed: true }),
      name: implemented({ computed: true }),
      private_zone: implemented({ default: false }),
      tags: implemented({ computed: true }),
      id: computed(),
      arn: computed(),
      comment: computed(),
      caller_reference: computed(),
      name_servers: computed(),
      primary_name_server: computed(),
      resource_record_set_count: computed(),
    },
    read(config) {
      const wanted = config.zone_id ?? config.name
      const found = zones
        .all()
        .filter(({ id, name }) =>
          config.zone_id == null
            ? name === absoluteName(String(config.name))
            : id === bareId(String(config.zone_id)),
        )
      const [zone] = found
      if (zone === undefined || config.private_zone === true) {
        throw new Error(
          `no matching Route 53 hosted zone found for ${wanted}; apply the stack that creates it first`,
        )
      }
      if (found.length > 1)
        throw new Error(`${found.length} hosted zones match ${wanted}; give zone_id instead of name`)
      return {
        ...config,
        id: zone.id,
        zone_id: zone.id,
        name: relativeName(zone.name),
        arn: `arn:aws:route53:::hostedzone/${zone.id}`,
        comment: zone.comment,
        caller_reference: zone.callerReference,
        name_servers: [...zone.nameServers].sort(),
        primary_name_server: zone.nameServers[0] ?? null,
        resource_record_set_count: zones.records(zone.id).length,
      }
    },
  }
}

/** The provider completes names that do not end with the zone's. */
function fullName(name: string, zone: Zone): string {
  const absolute = absoluteName(name)
  if (name === '') return zone.name
  return isWithin(absolute, zone.name) ? absolute : `${absolute}${zone.name}`
}

function toRecord(planned: Attributes, zone: Zone): RecordSet {
  const name = fullName(String(planned.name), zone)
  const type = String(planned.type)
  const alias = firstBlock(planned.alias)
  if (alias !== undefined) {
    return {
      name,
      type,
      values: [],
      alias: {
        zoneId: String(alias.zone_id),
        target: absoluteName(String(alias.name)),
        evaluateTargetHealth: alias.evaluate_target_health === true,
      },
    }
  }
  const values = (Array.isArray(planned.records) ? planned.records : []).map((value) =>
    recordValue(type, String(value)),
  )
  return { name, type, values, ttl: Number(planned.ttl ?? 300) }
}

/** Terraform writes TXT values without the quotes that Route 53 wants. */
function recordValue(type: string, value: string): string {
  return type === 'TXT' && !value.startsWith('"') ? `"${value}"` : value
}

function sameText(a: readonly string[], b: readonly string[]): boolean {
  const normal = (values: readonly string[]) => values.map(relativeName).sort().join('\n')
  return normal(a) === normal(b)
}
