/** Resource types of functions, key value stores and their keys. */
import type { EmulatorContext } from '../../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import { stringList, text } from '../../../terraform/type/values.ts'
import { checkSyntax } from '../edge/function/runtime.ts'
import type { KeyValueStore, KeyValueStores } from '../key-value/key-value-stores.ts'
import { entityAlreadyExists } from '../model/errors.ts'
import type { CloudFrontState, FunctionRecord } from '../model/state.ts'

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions */
const maxFunctionBytes = 10 * 1024

export function createFunctionType(
  { ids, clock, accountId }: EmulatorContext,
  model: CloudFrontState,
): ResourceType {
  const keep = (planned: Attributes, prior: FunctionRecord | undefined, address: string): Attributes => {
    const name = String(planned.name)
    const code = String(planned.code)
    check(name, code, String(planned.runtime), stringList(planned.key_value_store_associations), address)
    const etag = ids.upper('E', 13)
    const publish = planned.publish !== false
    const now = clock.now()
    const live = publish ? { code, etag: ids.upper('E', 13) } : prior?.live
    const record: FunctionRecord = {
      name,
      arn: `arn:aws:cloudfront::${accountId}:function/${name}`,
      runtime: String(planned.runtime),
      comment: text(planned.comment) ?? '',
      code,
      keyValueStoreArns: stringList(planned.key_value_store_associations),
      etag,
      createdAt: prior?.createdAt ?? now,
      lastModified: now,
      ...(live === undefined ? {} : { live }),
    }
    model.functions.put(name, record)
    model.changed()
    return { ...planned, ...attributesOf(record) }
  }
  return {
    type: 'aws_cloudfront_function',
    attributes: {
      name: implemented({ forceNew: true }),
      code: implemented(),
      runtime: implemented(),
      comment: implemented(),
      publish: implemented({ default: true }),
      key_value_store_associations: implemented({ set: true }),
      tags: ignored('tags have no effect at the edge'),
      tags_all: computed(),
      id: computed(),
      arn: computed(),
      etag: computed(),
      live_stage_etag: computed(),
      status: computed(),
    },
    create(planned, { address }) {
      const name = String(planned.name)
      if (model.functions.has(name)) throw entityAlreadyExists(name)
      return keep(planned, undefined, address)
    },
    read(prior) {
      const record = model.functions.get(String(prior.id))
      return record && { ...prior, ...attributesOf(record) }
    },
    update: (planned, prior, { address }) =>
      keep({ ...prior, ...planned }, model.functions.get(String(prior.id)), address),
    delete(prior) {
      const arn = String(prior.arn)
      const user = model.distributions
        .values()
        .find(({ config }) =>
          [config.defaultBehavior, ...config.orderedBehaviors].some(
            (one) => one.viewerRequestFunctionArn === arn || one.viewerResponseFunctionArn === arn,
          ),
        )
      if (user !== undefined) throw new Error(`function ${prior.name} is in use by distribution ${user.id}`)
      model.functions.delete(String(prior.id))
      model.changed()
    },
  }
}

function attributesOf(record: FunctionRecord): Attributes {
  return {
    id: record.name,
    arn: record.arn,
    etag: record.etag,
    live_stage_etag: record.live?.etag ?? '',
    status: record.live === undefined ? 'UNPUBLISHED' : 'DEPLOYED',
  }
}

function check(
  name: string,
  code: string,
  runtime: string,
  stores: readonly string[],
  address: string,
): void {
  if (runtime !== 'cloudfront-js-2.0') {
    throw new Error(`${address}: runtime ${runtime} is not rehearsed; use cloudfront-js-2.0`)
  }
  if (Buffer.byteLength(code) > maxFunctionBytes) {
    throw new Error(
      `${address}: a function has at most 10 KB, this one ${Buffer.byteLength(code)} bytes; minify it`,
    )
  }
  if (stores.length > 1) throw new Error(`${address}: a function has at most one key value store`)
  try {
    checkSyntax(name, code)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${address}: the function's code does not compile: ${reason}`, { cause: error })
  }
}

export function createKeyValueStoreType(model: CloudFrontState, stores: KeyValueStores): ResourceType {
  const attributesOf = (store: KeyValueStore): Attributes => ({
    id: store.id,
    arn: store.arn,
    name: store.name,
    comment: store.comment === '' ? null : store.comment,
    etag: store.resourceEtag,
    last_modified_time: new Date(store.lastModified).toISOString(),
  })
  return {
    type: 'aws_cloudfront_key_value_store',
    attributes: {
      name: implemented({ forceNew: true }),
      comment: implemented(),
      tags: ignored('tags have no effect at the edge'),
      tags_all: computed(),
      timeouts: block({ create: ignored('nothing here takes long enough to time out') }, { maxItems: 1 }),
      id: computed(),
      arn: computed(),
      etag: computed(),
      last_modified_time: computed(),
    },
    create: (planned) => ({
      ...planned,
      ...attributesOf(stores.create(String(planned.name), text(planned.comment) ?? '')),
    }),
    read(prior) {
      const store = stores.all.get(String(prior.arn))
      // Its contents change with every release, which is no drift of the resource.
      return (
        store && { ...prior, ...attributesOf(store), last_modified_time: prior.last_modified_time ?? null }
      )
    },
    update: (planned, prior) => ({
      ...prior,
      ...planned,
      ...attributesOf(stores.comment(String(prior.arn), text(planned.comment) ?? '')),
    }),
    delete(prior) {
      const arn = String(prior.arn)
      const user = model.functions.values().find(({ keyValueStoreArns }) => keyValueStoreArns.includes(arn))
      if (user !== undefined)
        throw new Error(`key value store ${prior.name} is in use by function ${user.name}`)
      stores.remove(arn)
    },
  }
}

export function createKeyType(stores: KeyValueStores): ResourceType {
  const put = (attributes: Attributes): Attributes => {
    const arn = String(attributes.key_value_store_arn)
    const store = stores.get(arn)
    const key = String(attributes.key)
    const changed = stores.update(arn, store.etag, {
      puts: [{ key, value: String(attributes.value) }],
      deletes: [],
    })
    return {
      ...attributes,
      id: `${arn},${key}`,
      total_size_in_bytes: Object.entries(changed.items).reduce(
        (sum, pair) => sum + Buffer.byteLength(pair.join('')),
        0,
      ),
    }
  }
  return {
    type: 'aws_cloudfrontkeyvaluestore_key',
    attributes: {
      key: implemented({ forceNew: true }),
      key_value_store_arn: implemented({ forceNew: true }),
      value: implemented(),
      id: computed(),
      total_size_in_bytes: computed(),
    },
    create: put,
    update: (planned, prior) => put({ ...prior, ...planned }),
    read(prior) {
      const items = stores.all.get(String(prior.key_value_store_arn))?.items
      const key = String(prior.key)
      return items !== undefined && Object.hasOwn(items, key)
        ? { ...prior, value: items[key] ?? '' }
        : undefined
    },
    delete(prior) {
      const arn = String(prior.key_value_store_arn)
      const store = stores.all.get(arn)
      const key = String(prior.key)
      if (store !== undefined && Object.hasOwn(store.items, key)) {
        stores.update(arn, store.etag, { puts: [], deletes: [key] })
      }
    },
  }
}
