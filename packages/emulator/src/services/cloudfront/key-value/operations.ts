/** The API of key value stores' contents, a service of its own: `cloudfront-keyvaluestore`. */
import type * as sdk from '@aws-sdk/client-cloudfront-keyvaluestore'
import type { Operations } from '../../../protocol/operations.ts'
import { invalidKeys, keyNotFound } from '../model/errors.ts'
import { type KeyValueStore, type KeyValueStores, sizeOf } from './key-value-stores.ts'

const defaultPage = 10
const maxPage = 50

export function createKeyValueStoreOperations(stores: KeyValueStores) {
  const totals = (store: KeyValueStore) => ({
    ItemCount: Object.keys(store.items).length,
    TotalSizeInBytes: sizeOf(store.items),
    ETag: store.etag,
  })
  return {
    DescribeKeyValueStore({ KvsARN = '' }) {
      const store = stores.get(KvsARN)
      return {
        KvsARN,
        Created: new Date(store.createdAt),
        LastModified: new Date(store.lastModified),
        Status: 'READY',
        ...totals(store),
      }
    },
    GetKey({ KvsARN = '', Key = '' }) {
      const store = stores.get(KvsARN)
      if (!Object.hasOwn(store.items, Key)) throw keyNotFound(Key)
      const { ItemCount, TotalSizeInBytes } = totals(store)
      return { Key, Value: store.items[Key] ?? '', ItemCount, TotalSizeInBytes }
    },
    ListKeys({ KvsARN = '', MaxResults = defaultPage, NextToken }) {
      const store = stores.get(KvsARN)
      const size = Math.min(maxPage, MaxResults)
      const after = NextToken === undefined ? '' : Buffer.from(NextToken, 'base64url').toString()
      const all = Object.entries(store.items)
        .filter(([key]) => key > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
      const page = all.slice(0, size)
      const last = page.at(-1)
      return {
        Items: page.map(([Key, Value]) => ({ Key, Value })),
        ...(all.length > size && last !== undefined
          ? { NextToken: Buffer.from(last[0]).toString('base64url') }
          : {}),
      }
    },
    PutKey({ KvsARN = '', Key = '', Value = '', IfMatch = '' }) {
      return totals(stores.update(KvsARN, IfMatch, { puts: [{ key: Key, value: Value }], deletes: [] }))
    },
    DeleteKey({ KvsARN = '', Key = '', IfMatch = '' }) {
      return totals(stores.update(KvsARN, IfMatch, { puts: [], deletes: [Key] }))
    },
    UpdateKeys({ KvsARN = '', IfMatch = '', Puts = [], Deletes = [] }) {
      if (Puts.length + Deletes.length === 0) throw invalidKeys('An update needs at least one key.')
      const puts = Puts.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }))
      return totals(stores.update(KvsARN, IfMatch, { puts, deletes: Deletes.map(({ Key = '' }) => Key) }))
    },
  } satisfies Operations<typeof sdk>
}
