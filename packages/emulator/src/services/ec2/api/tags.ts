/** Tags: one pair of calls for all resources. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html */
import type * as sdk from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import type { Collection } from '../../../store.ts'
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import { stringMap } from '../../../terraform/type/values.ts'
import type { Ec2Model } from '../model/model.ts'
import type { Ec2State } from '../model/state.ts'

/** Attributes of a new resource: what its tag specification says. */
export function tagsIn(specifications: readonly sdk.TagSpecification[] | undefined): Attributes {
  const tags = Object.fromEntries(
    (specifications ?? []).flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
  )
  return { tags, tags_all: tags }
}

/** The resource types of DescribeTags by their collections. */
const taggedOf = (state: Ec2State): [type: sdk.ResourceType, documents: Collection<Attributes>][] => [
  ['vpc', state.vpcs],
  ['subnet', state.subnets],
  ['internet-gateway', state.internetGateways],
  ['elastic-ip', state.addresses],
  ['natgateway', state.natGateways],
  ['route-table', state.routeTables],
  ['network-acl', state.networkAcls],
  ['vpc-flow-log', state.flowLogs],
  ['security-group', state.securityGroups],
  ['security-group-rule', state.rules.ingress],
  ['security-group-rule', state.rules.egress],
  ['vpc-endpoint', state.endpoints],
]

export function createTagOperations({ state }: Ec2Model) {
  const change = (ids: readonly string[], work: (tags: Attributes) => Attributes) => {
    const found = ids.map((id) => {
      const documents = taggedOf(state).find(([, collection]) => collection.has(id))?.[1]
      const document = documents?.get(id)
      if (documents === undefined || document === undefined)
        throw new AwsError('InvalidID', `The ID '${id}' is not valid`)
      return { id, documents, document }
    })
    for (const { id, documents, document } of found) {
      documents.put(id, {
        ...document,
        tags: work(stringMap(document.tags)),
        tags_all: work(stringMap(document.tags_all ?? document.tags)),
      })
    }
  }
  return {
    CreateTags({ Resources = [], Tags = [] }) {
      const added = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
      change(Resources, (tags) => ({ ...tags, ...added }))
      return {}
    },
    DeleteTags({ Resources = [], Tags }) {
      change(Resources, (tags) =>
        Object.fromEntries(
          Object.entries(tags).filter(
            ([key, value]) =>
              Tags !== undefined &&
              !Tags.some((one) => one.Key === key && (one.Value === undefined || one.Value === value)),
          ),
        ),
      )
      return {}
    },
    DescribeTags({ Filters = [] }) {
      const all = taggedOf(state).flatMap(([ResourceType, documents]) =>
        documents.values().flatMap((document) =>
          Object.entries(stringMap(document.tags_all ?? document.tags)).map(([Key, Value]) => ({
            ResourceId: String(document.id),
            ResourceType,
            Key,
            Value,
          })),
        ),
      )
      const members = {
        'resource-id': 'ResourceId',
        'resource-type': 'ResourceType',
        key: 'Key',
        value: 'Value',
      } as const
      return {
        Tags: all.filter((tag) =>
          Filters.every(({ Name = '', Values = [] }) => {
            if (!(Name in members))
              throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`)
            return Values.includes(tag[members[Name as keyof typeof members]])
          }),
        ),
      }
    },
  } satisfies Operations<typeof sdk>
}
