/** Route 53's API, as far as it is served. */
import type * as sdk from '@aws-sdk/client-route-53'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { answerableTypes } from './answer.ts'
import { hostedZoneAlreadyExists, noSuchChange } from './errors.ts'
import { absoluteName, escapedName, sortKey } from './names.ts'
import { bareId, type Change, type RecordSet, type Route53State, type Zone } from './state.ts'

/** "Changes generally propagate to all Route 53 name servers within 60 seconds"; half of that is usual. */
const propagationMs = 30_000

interface StoredChange {
  readonly submittedAt: number
  readonly comment?: string
}

export function createOperations(context: EmulatorContext, zones: Route53State) {
  const changes = context.store.collection<StoredChange>('route53.changes')

  const changeInfo = (id: string, change: StoredChange): sdk.ChangeInfo => {
    const settled = context.clock.now() - change.submittedAt >= context.clock.toReal(propagationMs)
    return {
      Id: `/change/${id}`,
      Status: settled ? 'INSYNC' : 'PENDING',
      SubmittedAt: new Date(change.submittedAt),
      ...(change.comment === undefined ? {} : { Comment: change.comment }),
    }
  }
  const submit = (comment?: string) => {
    const id = context.ids.upper('C', 20)
    const change = { submittedAt: context.clock.now(), ...(comment === undefined ? {} : { comment }) }
    changes.put(id, change)
    return changeInfo(id, change)
  }
  const describe = (zone: Zone): sdk.HostedZone => ({
    Id: `/hostedzone/${zone.id}`,
    Name: escapedName(zone.name),
    CallerReference: zone.callerReference,
    Config: { Comment: zone.comment, PrivateZone: false },
    ResourceRecordSetCount: zones.records(zone.id).length,
  })

  return {
    ListHostedZones({ Marker, MaxItems }) {
      const limit = Number(MaxItems ?? 100)
      const all = zones.all()
      const from =
        Marker === undefined
          ? 0
          : Math.max(
              0,
              all.findIndex(({ id }) => id === Marker),
            )
      const next = all[from + limit]
      return {
        HostedZones: all.slice(from, from + limit).map(describe),
        Marker: Marker ?? '',
        IsTruncated: next !== undefined,
        ...(next === undefined ? {} : { NextMarker: next.id }),
        MaxItems: limit,
      }
    },
    ListHostedZonesByName({ DNSName, HostedZoneId, MaxItems }) {
      const limit = Number(MaxItems ?? 100)
      const start = DNSName === undefined ? '' : sortKey(absoluteName(DNSName))
      const all = zones.all().filter(({ name }) => sortKey(name) >= start)
      const from =
        HostedZoneId === undefined
          ? 0
          : Math.max(
              0,
              all.findIndex(({ id }) => id === bareId(HostedZoneId)),
            )
      const next = all[from + limit]
      return {
        HostedZones: all.slice(from, from + limit).map(describe),
        ...(DNSName === undefined ? {} : { DNSName }),
        ...(HostedZoneId === undefined ? {} : { HostedZoneId }),
        IsTruncated: next !== undefined,
        ...(next === undefined ? {} : { NextDNSName: next.name, NextHostedZoneId: next.id }),
        MaxItems: limit,
      }
    },
    CreateHostedZone({ Name, CallerReference, HostedZoneConfig, VPC }) {
      if (VPC !== undefined || HostedZoneConfig?.PrivateZone)
        throw new AwsError('NotImplemented', 'The emulator has public hosted zones only.', 501)
      if (zones.all().some((zone) => zone.callerReference === CallerReference))
        throw hostedZoneAlreadyExists(Name ?? '')
      const zone = zones.create({
        id: context.ids.upper('Z', 20),
        name: Name ?? '',
        comment: HostedZoneConfig?.Comment ?? '',
        callerReference: CallerReference ?? '',
      })
      return {
        Location: `/2013-04-01/hostedzone/${zone.id}`,
        HostedZone: describe(zone),
        ChangeInfo: submit(),
        DelegationSet: { NameServers: [...zone.nameServers] },
      }
    },
    UpdateHostedZoneComment: ({ Id = '', Comment = '' }) => ({
      HostedZone: describe(zones.comment(zones.get(Id).id, Comment)),
    }),
    DeleteHostedZone({ Id = '' }) {
      zones.remove(Id, false)
      return { ChangeInfo: submit() }
    },
    GetDNSSEC({ HostedZoneId = '' }) {
      zones.get(HostedZoneId)
      return { Status: { ServeSignature: 'NOT_SIGNING' }, KeySigningKeys: [] }
    },
    ListTagsForResource({ ResourceType = 'hostedzone', ResourceId = '' }) {
      const tags = Object.entries(zones.get(ResourceId).tags ?? {})
      return {
        ResourceTagSet: { ResourceType, ResourceId, Tags: tags.map(([Key, Value]) => ({ Key, Value })) },
      }
    },
    ChangeTagsForResource({ ResourceId = '', AddTags = [], RemoveTagKeys = [] }) {
      const kept = Object.entries(zones.get(ResourceId).tags ?? {}).filter(
        ([key]) => !RemoveTagKeys.includes(key),
      )
      const added = AddTags.map(({ Key = '', Value = '' }) => [Key, Value])
      zones.tag(ResourceId, Object.fromEntries([...kept, ...added]))
      return {}
    },
    GetHostedZone({ Id }) {
      const zone = zones.get(Id ?? '')
      return { HostedZone: describe(zone), DelegationSet: { NameServers: [...zone.nameServers] } }
    },
    ListResourceRecordSets({ HostedZoneId, StartRecordName, StartRecordType, MaxItems }) {
      const limit = Math.min(300, Number(MaxItems ?? 300))
      const start = StartRecordName === undefined ? '' : sortKey(absoluteName(StartRecordName))
      const all = zones.records(HostedZoneId ?? '').filter((record) => {
        const at = sortKey(record.name)
        return at > start || (at === start && record.type >= (StartRecordType ?? ''))
      })
      const next = all[limit]
      return {
        ResourceRecordSets: all.slice(0, limit).map(toWire),
        IsTruncated: next !== undefined,
        ...(next === undefined
          ? {}
          : { NextRecordName: escapedName(next.name), NextRecordType: next.type as sdk.RRType }),
        MaxItems: limit,
      }
    },
    ChangeResourceRecordSets({ HostedZoneId, ChangeBatch }) {
      zones.change(HostedZoneId ?? '', (ChangeBatch?.Changes ?? []).map(fromWire))
      return { ChangeInfo: submit(ChangeBatch?.Comment) }
    },
    GetChange({ Id = '' }) {
      const id = Id.replace(/^\/?change\//, '')
      const change = changes.get(id)
      if (change === undefined) throw noSuchChange(id)
      return { ChangeInfo: changeInfo(id, change) }
    },
  } satisfies Operations<typeof sdk>
}

function toWire(record: RecordSet): sdk.ResourceRecordSet {
  const { name, type, ttl, values, alias } = record
  const common = { Name: escapedName(name), Type: type as sdk.RRType }
  if (alias === undefined) {
    return { ...common, TTL: ttl ?? 300, ResourceRecords: values.map((Value) => ({ Value })) }
  }
  return {
    ...common,
    AliasTarget: {
      HostedZoneId: alias.zoneId,
      DNSName: absoluteName(alias.target),
      EvaluateTargetHealth: alias.evaluateTargetHealth,
    },
  }
}

function fromWire({ Action, ResourceRecordSet: set }: sdk.Change): Change {
  if (Action === undefined || set?.Name === undefined || set.Type === undefined) {
    throw new AwsError('InvalidInput', 'A change needs an action and a record set with a name and a type.')
  }
  refuseRoutingPolicies(set)
  refuseUnanswerable(set.Type)
  const { Name, Type, TTL, ResourceRecords = [], AliasTarget: alias } = set
  const record: RecordSet = {
    name: absoluteName(Name),
    type: Type,
    values: ResourceRecords.map(({ Value }) => Value ?? ''),
    ...(TTL === undefined ? {} : { ttl: Number(TTL) }),
    ...(alias === undefined
      ? {}
      : {
          alias: {
            zoneId: alias.HostedZoneId ?? '',
            target: absoluteName(alias.DNSName ?? ''),
            evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
          },
        }),
  }
  return { action: Action, record }
}

function refuseRoutingPolicies(set: sdk.ResourceRecordSet): void {
  const named = [
    'Weight',
    'Region',
    'GeoLocation',
    'Failover',
    'MultiValueAnswer',
    'CidrRoutingConfig',
  ] as const
  const used = named.find((member) => set[member] !== undefined)
  if (used !== undefined) {
    throw new AwsError(
      'NotImplemented',
      `The emulator has simple routing only; ${set.Name} uses ${used}.`,
      501,
    )
  }
}

export function refuseUnanswerable(type: string): void {
  if ((answerableTypes as readonly string[]).includes(type)) return
  throw new AwsError(
    'NotImplemented',
    `The emulator's DNS server does not answer ${type} records; it knows ${answerableTypes.join(', ')}.`,
    501,
  )
}
