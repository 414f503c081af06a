/**
 * Key value stores: one document per store, so that an update of many keys is kept whole or not at all.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions.html
 */
import type { Ids } from '../../../ids.ts'
import type { Collection, Store } from '../../../store.ts'
import {
  entityAlreadyExists,
  etagMismatch,
  invalidKeys,
  keyNotFound,
  storeNotFound,
  storeTooLarge,
} from '../model/errors.ts'

export interface KeyValueStore {
  readonly id: string
  readonly arn: string
  readonly name: string
  readonly comment: string
  /** ETag of the store as a resource, for the CloudFront API. */
  readonly resourceEtag: string
  /** ETag of its contents, for the KeyValueStore API. */
  readonly etag: string
  readonly createdAt: number
  readonly lastModified: number
  readonly items: Readonly<Record<string, string>>
}

export interface Update {
  readonly puts: readonly { readonly key: string; readonly value: string }[]
  readonly deletes: readonly string[]
}

export interface KeyValueStores {
  readonly all: Collection<KeyValueStore>
  create(name: string, comment: string): KeyValueStore
  comment(arn: string, comment: string): KeyValueStore
  get(arn: string): KeyValueStore
  remove(arn: string): void
  /** Changes keys if the contents still have this ETag; all of them or none. */
  update(arn: string, ifMatch: string, update: Update): KeyValueStore
  /** Called after each change of a store's contents. */
  onUpdate(listener: (store: KeyValueStore) => void): void
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-keyvaluestores */
const limits = { keyBytes: 512, valueBytes: 1024, storeBytes: 5 * 1024 * 1024, keysPerUpdate: 50 }

export function createKeyValueStores(
  accountId: string,
  store: Store,
  ids: Ids,
  now: () => number,
): KeyValueStores {
  const all: Collection<KeyValueStore> = store.collection('cloudfront.key-value-stores')
  const listeners: ((store: KeyValueStore) => void)[] = []
  const get = (arn: string) => {
    const found = all.get(arn)
    if (found === undefined) throw storeNotFound(arn)
    return found
  }
  const newEtag = (prefix: string) => ids.upper(prefix, 13)
  return {
    all,
    get,
    create(name, comment) {
      if (all.values().some((one) => one.name === name)) throw entityAlreadyExists(name)
      const id = ids.uuid()
      const at = now()
      const created: KeyValueStore = {
        id,
        arn: `arn:aws:cloudfront::${accountId}:key-value-store/${id}`,
        name,
        comment,
        resourceEtag: newEtag('E'),
        etag: newEtag('KV'),
        createdAt: at,
        lastModified: at,
        items: {},
      }
      all.put(created.arn, created)
      for (const listener of listeners) listener(created)
      return created
    },
    comment(arn, comment) {
      const changed = { ...get(arn), comment, resourceEtag: newEtag('E'), lastModified: now() }
      all.put(arn, changed)
      return changed
    },
    remove: (arn) => void all.delete(arn),
    update(arn, ifMatch, update) {
      const current = get(arn)
      if (current.etag !== ifMatch) throw etagMismatch()
      const items = applied(current.items, update)
      if (sizeOf(items) > limits.storeBytes) throw storeTooLarge()
      const changed = { ...current, items, etag: newEtag('KV'), lastModified: now() }
      all.put(arn, changed)
      for (const listener of listeners) listener(changed)
      return changed
    },
    onUpdate: (listener) => void listeners.push(listener),
  }
}

function applied(items: Readonly<Record<string, string>>, { puts, deletes }: Update): Record<string, string> {
  if (puts.length + deletes.length > limits.keysPerUpdate) {
    throw invalidKeys(`An update can change at most ${limits.keysPerUpdate} keys.`)
  }
  const touched = [...puts.map(({ key }) => key), ...deletes]
  const twice = touched.find((key, index) => touched.indexOf(key) !== index)
  if (twice !== undefined) throw invalidKeys(`Key ${twice} occurs more than once in the update.`)
  const next = new Map(Object.entries(items))
  for (const key of deletes) {
    if (!next.delete(key)) throw keyNotFound(key)
  }
  for (const { key, value } of puts) {
    if (key === '' || Buffer.byteLength(key) > limits.keyBytes) {
      throw invalidKeys(`A key has 1 to ${limits.keyBytes} bytes.`)
    }
    if (Buffer.byteLength(value) > limits.valueBytes) {
      throw invalidKeys(`The value of key ${key} exceeds ${limits.valueBytes} bytes.`)
    }
    next.set(key, value)
  }
  // `fromEntries` defines properties, so that a key such as __proto__ is a key like others.
  return Object.fromEntries(next)
}

export function sizeOf(items: Readonly<Record<string, string>>): number {
  return Object.entries(items).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
}
