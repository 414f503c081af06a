/** CloudFront's API, as far as it is served: what reads, and invalidations. */
import type * as sdk from '@aws-sdk/client-cloudfront'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import type { Cache } from './edge/cache/cache.ts'
import type { KeyValueStore, KeyValueStores } from './key-value/key-value-stores.ts'
import {
  invalidArgument,
  noSuchFunction,
  noSuchInvalidation,
  noSuchKeyValueStore,
  noSuchVpcOrigin,
} from './model/errors.ts'
import type { CloudFrontState, FunctionRecord, Invalidation } from './model/state.ts'
import { configToWire, toSummary, toWire } from './model/wire-distribution.ts'
import { vpcOriginSummary, vpcOriginToWire } from './model/wire-vpc-origin.ts'

/** An invalidation is done after some seconds to a minute; the edge forgets at once. */
const invalidationMs = 20_000
const pageSize = 100

export function createOperations(
  { ids, clock, accountId }: EmulatorContext,
  model: CloudFrontState,
  stores: KeyValueStores,
  cache: Cache,
) {
  const isDone = ({ createdAt }: Invalidation) => clock.now() - createdAt >= clock.toReal(invalidationMs)
  const invalidationToWire = (invalidation: Invalidation): sdk.Invalidation => ({
    Id: invalidation.id,
    Status: isDone(invalidation) ? 'Completed' : 'InProgress',
    CreateTime: new Date(invalidation.createdAt),
    InvalidationBatch: {
      CallerReference: invalidation.callerReference,
      Paths: { Quantity: invalidation.paths.length, Items: [...invalidation.paths] },
    },
  })
  const of = (distributionId: string) =>
    model.invalidations.values().filter((one) => one.distributionId === distributionId)
  const store = (name: string | undefined): KeyValueStore => {
    const found = stores.all.values().find((one) => one.name === name)
    if (found === undefined) throw noSuchKeyValueStore()
    return found
  }
  const functionNamed = (name: string | undefined): FunctionRecord => {
    const found = model.functions.get(name ?? '')
    if (found === undefined) throw noSuchFunction()
    return found
  }

  return {
    GetDistribution({ Id = '' }) {
      const distribution = model.distribution(Id)
      const running = of(Id).filter((one) => !isDone(one)).length
      return { Distribution: toWire(distribution, running), ETag: distribution.etag }
    },
    GetDistributionConfig({ Id = '' }) {
      const distribution = model.distribution(Id)
      return { DistributionConfig: configToWire(distribution), ETag: distribution.etag }
    },
    ListDistributions({ Marker, MaxItems }) {
      const page = pageOf(model.distributions.values(), ({ id }) => id, Marker, MaxItems)
      return {
        DistributionList: {
          Marker: Marker ?? '',
          MaxItems: page.limit,
          IsTruncated: page.next !== undefined,
          ...(page.next === undefined ? {} : { NextMarker: page.next }),
          Quantity: page.items.length,
          Items: page.items.map(toSummary),
        },
      }
    },
    CreateInvalidation({ DistributionId = '', InvalidationBatch }) {
      const distribution = model.distribution(DistributionId)
      const paths = InvalidationBatch?.Paths?.Items ?? []
      for (const path of paths) checkPath(path)
      if (paths.length === 0) throw invalidArgument('Your request must contain at least one path.')
      const reference = InvalidationBatch?.CallerReference ?? ''
      const repeated = of(DistributionId).find(({ callerReference }) => callerReference === reference)
      const invalidation = repeated ?? {
        id: ids.upper('I', 25),
        distributionId: DistributionId,
        createdAt: clock.now(),
        callerReference: reference,
        paths,
      }
      if (repeated === undefined) {
        model.invalidations.put(invalidation.id, invalidation)
        cache.invalidate(distribution.id, paths)
      }
      return {
        Location: `/distribution/${DistributionId}/invalidation/${invalidation.id}`,
        Invalidation: invalidationToWire(invalidation),
      }
    },
    GetInvalidation({ DistributionId = '', Id = '' }) {
      model.distribution(DistributionId)
      const invalidation = model.invalidations.get(Id)
      if (invalidation?.distributionId !== DistributionId) throw noSuchInvalidation()
      return { Invalidation: invalidationToWire(invalidation) }
    },
    ListInvalidations({ DistributionId = '', Marker, MaxItems }) {
      model.distribution(DistributionId)
      const page = pageOf(of(DistributionId).reverse(), ({ id }) => id, Marker, MaxItems)
      return {
        InvalidationList: {
          Marker: Marker ?? '',
          MaxItems: page.limit,
          IsTruncated: page.next !== undefined,
          ...(page.next === undefined ? {} : { NextMarker: page.next }),
          Quantity: page.items.length,
          Items: page.items.map((one) => ({
            Id: one.id,
            CreateTime: new Date(one.createdAt),
            Status: isDone(one) ? 'Completed' : 'InProgress',
          })),
        },
      }
    },
    GetVpcOrigin({ Id = '' }) {
      const found = model.vpcOrigins.get(Id)
      if (found === undefined) throw noSuchVpcOrigin()
      return { VpcOrigin: vpcOriginToWire(found, accountId), ETag: found.etag }
    },
    ListVpcOrigins({ Marker, MaxItems }) {
      const page = pageOf(model.vpcOrigins.values(), ({ id }) => id, Marker, MaxItems)
      return {
        VpcOriginList: {
          Marker: Marker ?? '',
          MaxItems: page.limit,
          IsTruncated: page.next !== undefined,
          ...(page.next === undefined ? {} : { NextMarker: page.next }),
          Quantity: page.items.length,
          Items: page.items.map((one) => vpcOriginSummary(one, accountId)),
        },
      }
    },
    DescribeFunction({ Name, Stage = 'DEVELOPMENT' }) {
      const record = functionNamed(Name)
      if (Stage === 'LIVE' && record.live === undefined) throw noSuchFunction()
      const ETag = Stage === 'LIVE' ? record.live?.etag : record.etag
      return { FunctionSummary: functionToWire(record, Stage), ...(ETag === undefined ? {} : { ETag }) }
    },
    ListFunctions({ Stage, Marker, MaxItems }) {
      const all = model.functions.values().filter(({ live }) => Stage !== 'LIVE' || live !== undefined)
      const page = pageOf(all, ({ name }) => name, Marker, MaxItems)
      return {
        FunctionList: {
          MaxItems: page.limit,
          ...(page.next === undefined ? {} : { NextMarker: page.next }),
          Quantity: page.items.length,
          Items: page.items.map((record) => functionToWire(record, Stage ?? 'DEVELOPMENT')),
        },
      }
    },
    ListKeyValueStores({ Marker, MaxItems }) {
      const page = pageOf(stores.all.values(), ({ id }) => id, Marker, MaxItems)
      return {
        KeyValueStoreList: {
          MaxItems: page.limit,
          ...(page.next === undefined ? {} : { NextMarker: page.next }),
          Quantity: page.items.length,
          Items: page.items.map(storeToWire),
        },
      }
    },
    DescribeKeyValueStore({ Name }) {
      const found = store(Name)
      return { KeyValueStore: storeToWire(found), ETag: found.resourceEtag }
    },
  } satisfies Operations<typeof sdk>
}

function storeToWire(store: KeyValueStore): sdk.KeyValueStore {
  return {
    Name: store.name,
    Id: store.id,
    Comment: store.comment,
    ARN: store.arn,
    Status: 'READY',
    LastModifiedTime: new Date(store.lastModified),
  }
}

function functionToWire(record: FunctionRecord, stage: sdk.FunctionStage): sdk.FunctionSummary {
  return {
    Name: record.name,
    Status: record.live === undefined ? 'UNPUBLISHED' : 'UNASSOCIATED',
    FunctionConfig: {
      Comment: record.comment,
      Runtime: record.runtime as sdk.FunctionRuntime,
      KeyValueStoreAssociations: {
        Quantity: record.keyValueStoreArns.length,
        Items: record.keyValueStoreArns.map((KeyValueStoreARN) => ({ KeyValueStoreARN })),
      },
    },
    FunctionMetadata: {
      FunctionARN: record.arn,
      Stage: stage,
      CreatedTime: new Date(record.createdAt),
      LastModifiedTime: new Date(record.lastModified),
    },
  }
}

/** "The * wildcard can only be at the end" (Invalidation_Requests). */
function checkPath(path: string): void {
  if (!path.startsWith('/') || path.slice(0, -1).includes('*')) {
    throw invalidArgument(`Your request contains one or more invalid invalidation paths: ${path}`)
  }
}

function pageOf<T>(
  all: readonly T[],
  idOf: (item: T) => string,
  marker: string | undefined,
  maxItems: unknown,
) {
  const limit = Math.min(pageSize, Number(maxItems ?? pageSize))
  const from =
    marker === undefined || marker === ''
      ? 0
      : Math.max(
          0,
          all.findIndex((item) => idOf(item) === marker),
        )
  const next = all[from + limit]
  return { limit, items: all.slice(from, from + limit), next: next === undefined ? undefined : idOf(next) }
}
