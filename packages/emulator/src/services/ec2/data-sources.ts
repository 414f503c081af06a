/** What a configuration may ask of EC2: zones, prefix lists, and the networks that the emulator holds. */
import type { AttributeSpecs, Attributes, DataSourceType } from '../../terraform/type/resource-type.ts'
import { block, computed, ignored, implemented } from '../../terraform/type/resource-type.ts'
import { blocks, stringList } from '../../terraform/type/values.ts'
import type { Ec2Model } from './model/model.ts'
import { prefixListId } from './model/prefix-lists.ts'
import { zonesOf } from './model/zones.ts'
import { ec2Arn } from './record.ts'

const filter: AttributeSpecs = {
  filter: block({ name: implemented(), values: implemented({ set: true }) }, { set: true }),
}

export function createDataSourceTypes(model: Ec2Model): DataSourceType[] {
  return [availabilityZones, managedPrefixList, prefixList, subnets(model), vpc(model)]
}

/** Filters that every zone of this region passes. */
const zoneFilter = block(
  {
    name: ignored('every zone is opted in and no local zone'),
    values: ignored('as its name', { set: true }),
  },
  { set: true },
)

const availabilityZones: DataSourceType = {
  type: 'aws_availability_zones',
  attributes: {
    filter: zoneFilter,
    state: implemented(),
    all_availability_zones: ignored('there are no local zones'),
    exclude_names: implemented({ set: true }),
    exclude_zone_ids: implemented({ set: true }),
    names: computed(),
    zone_ids: computed(),
    group_names: computed(),
  },
  read(config, context) {
    const without = new Set([...stringList(config.exclude_names), ...stringList(config.exclude_zone_ids)])
    const isOther = typeof config.state === 'string' && config.state !== 'available'
    const zones = isOther
      ? []
      : zonesOf(context.region).filter(({ name, id }) => !without.has(name) && !without.has(id))
    return {
      id: context.region,
      names: zones.map((zone) => zone.name),
      zone_ids: zones.map((zone) => zone.id),
      group_names: [context.region],
    }
  },
}

const managedPrefixList: DataSourceType = {
  type: 'aws_ec2_managed_prefix_list',
  attributes: {
    ...filter,
    name: implemented({ computed: true }),
    tags: implemented({ computed: true }),
    address_family: computed(),
    arn: computed(),
    entries: computed(),
    max_entries: computed(),
    owner_id: computed(),
    version: computed(),
  },
  read(config, context) {
    const name = nameIn(config, 'prefix-list-name')
    const id = prefixListId(name)
    const arn = ec2Arn({ ...context, accountId: 'aws' }, `prefix-list/${id}`)
    return {
      id,
      name,
      arn,
      address_family: 'IPv4',
      entries: [],
      max_entries: 0,
      owner_id: 'AWS',
      tags: {},
      version: 1,
    }
  },
}

const prefixList: DataSourceType = {
  type: 'aws_prefix_list',
  attributes: {
    ...filter,
    name: implemented({ computed: true }),
    prefix_list_id: implemented(),
    cidr_blocks: computed(),
  },
  read(config) {
    const name = nameIn(config, 'prefix-list-name')
    return { id: prefixListId(name), name, cidr_blocks: [] }
  },
}

function nameIn(config: Attributes, filterName: string): string {
  const name = config.name ?? filters(config).get(filterName)?.[0]
  if (typeof name !== 'string')
    throw new Error(`Name the prefix list by name, or by the filter ${filterName}.`)
  return name
}

function subnets(model: Ec2Model): DataSourceType {
  const all = model.state.subnets
  return {
    type: 'aws_subnets',
    attributes: { ...filter, tags: implemented(), ids: computed() },
    read: (config, context) => ({
      id: context.region,
      ids: all
        .values()
        .filter((subnet) => matches(subnet, config))
        .map((subnet) => subnet.id ?? null),
    }),
  }
}

function vpc(model: Ec2Model): DataSourceType {
  const all = model.state.vpcs
  return {
    type: 'aws_vpc',
    attributes: {
      ...filter,
      cidr_block: implemented({ computed: true }),
      default: implemented({ computed: true }),
      tags: implemented({ computed: true }),
      arn: computed(),
      owner_id: computed(),
      main_route_table_id: computed(),
      enable_dns_hostnames: computed(),
      enable_dns_support: computed(),
    },
    read(config) {
      const found = all.values().filter((candidate) => matches(candidate, config))
      const [only] = found
      if (only === undefined || found.length > 1) {
        throw new Error(`${found.length} VPCs match, and it must be one: narrow id, tags or filter.`)
      }
      return only
    },
  }
}

/** Filters by the attribute that they look at; tags besides. */
const FILTERS: Readonly<Record<string, string>> = {
  'vpc-id': 'vpc_id',
  cidr: 'cidr_block',
  'cidr-block': 'cidr_block',
}

/** True if a record has the id, the VPC, the block and the tags that are asked for. */
function matches(record: Attributes, config: Attributes): boolean {
  const isExact = ['id', 'cidr_block'].every(
    (name) => (config[name] ?? null) === null || config[name] === record[name],
  )
  const tags = Object.entries((config.tags ?? {}) as Attributes)
  return (
    isExact &&
    tags.every(([name, value]) => hasTag(record, name, [String(value)])) &&
    [...filters(config)].every(([name, values]) => passes(record, name, values))
  )
}

function passes(record: Attributes, filterName: string, values: readonly string[]): boolean {
  if (filterName.startsWith('tag:')) return hasTag(record, filterName.slice('tag:'.length), values)
  const attribute = FILTERS[filterName]
  if (attribute === undefined) {
    throw new Error(
      `The filter "${filterName}" is not rehearsed. Use tag:NAME, ${Object.keys(FILTERS).join(', ')}.`,
    )
  }
  return values.includes(String(record[attribute]))
}

function hasTag(record: Attributes, name: string, values: readonly string[]): boolean {
  const tags = Object.entries((record.tags_all ?? record.tags ?? {}) as Attributes)
  return tags.some(([key, value]) => key === name && values.includes(String(value)))
}

function filters(config: Attributes): Map<string, string[]> {
  return new Map(blocks(config.filter).map((item) => [String(item.name), stringList(item.values)]))
}
