/** S3's Terraform resource types: the bucket and its objects. What else shapes a bucket is in `bucket-settings.ts`. */
import type { EmulatorContext } from '../../service.ts'
import {
  type ApplyContext,
  type Attributes,
  computed,
  type DataSourceType,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { readStackFile } from '../../terraform/type/stack-file.ts'
import type { Bodies } from './bodies.ts'
import { bucketNotEmpty } from './errors.ts'
import { storedHeaders } from './object-operations.ts'
import type { Objects } from './objects.ts'
import type { Bucket, S3State } from './state.ts'

const tags = { tags: ignored('tags have no effect on objects'), tags_all: computed() }

/** https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints: ids of the website endpoints' zones. */
const websiteZones: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'Z2M4EHUR26P7ZW',
  'ap-northeast-2': 'Z3W03O7B5YMIYP',
  'eu-central-1': 'Z21DNDUVLTQW6Q',
  'eu-west-1': 'Z1BKCTXD74EZPE',
  'us-east-1': 'Z3AQBSTGFYJSTF',
  'us-west-2': 'Z3BJ6K6RIION7M',
}

const bucketAttributes = {
  arn: computed(),
  bucket_domain_name: computed(),
  bucket_regional_domain_name: computed(),
  bucket_region: computed(),
  hosted_zone_id: computed(),
}

function attributesOf({ name, region }: Bucket): Attributes {
  return {
    id: name,
    bucket: name,
    arn: `arn:aws:s3:::${name}`,
    bucket_domain_name: `${name}.s3.amazonaws.com`,
    bucket_regional_domain_name: `${name}.s3.${region}.amazonaws.com`,
    bucket_region: region,
    hosted_zone_id: websiteZones[region] ?? '',
  }
}

export function createBucketType({ ids }: EmulatorContext, buckets: S3State, bodies: Bodies): ResourceType {
  return {
    type: 'aws_s3_bucket',
    attributes: {
      bucket: implemented({ forceNew: true, computed: true }),
      bucket_prefix: implemented({ forceNew: true }),
      force_destroy: implemented({ default: false }),
      object_lock_enabled: ignored('objects are not locked here', { forceNew: true, default: false }),
      timeouts: ignored('nothing here takes long enough to time out'),
      ...tags,
      id: computed(),
      ...bucketAttributes,
    },
    create(planned, { region }) {
      const prefix = planned.bucket_prefix == null ? 'terraform-' : String(planned.bucket_prefix)
      const name = planned.bucket == null ? ids.hex(prefix, 26) : String(planned.bucket)
      return { ...planned, ...attributesOf(buckets.create(name, region)) }
    },
    read(prior) {
      const bucket = buckets.find(String(prior.id))
      return bucket && { ...prior, ...attributesOf(bucket) }
    },
    update: (planned, prior) => ({ ...prior, ...planned }),
    async delete(prior, { address }) {
      const name = String(prior.id)
      if (buckets.find(name) === undefined) return
      const force = prior.force_destroy === true
      if (!force && buckets.keys(name).length > 0) {
        const { code, message } = bucketNotEmpty(name)
        throw new Error(`${address}: ${code}: ${message}; empty it, or apply force_destroy = true first`)
      }
      await bodies.remove(buckets.remove(name, force))
    },
  }
}

export function createBucketDataSource(buckets: S3State): DataSourceType {
  return {
    type: 'aws_s3_bucket',
    attributes: { bucket: implemented(), id: computed(), ...bucketAttributes },
    read(config) {
      const bucket = buckets.find(String(config.bucket))
      if (bucket === undefined)
        throw new Error(`there is no bucket ${config.bucket}; apply the stack that creates it first`)
      return { ...config, ...attributesOf(bucket) }
    },
  }
}

export function createObjectType(buckets: S3State, bodies: Bodies, objects: Objects): ResourceType {
  const put = async (planned: Attributes, context: ApplyContext): Promise<Attributes> => {
    const bucket = String(planned.bucket)
    const key = String(planned.key)
    const headers = storedHeaders({
      CacheControl: text(planned.cache_control),
      ContentDisposition: text(planned.content_disposition),
      ContentEncoding: text(planned.content_encoding),
      ContentLanguage: text(planned.content_language),
      ContentType: text(planned.content_type) ?? 'application/octet-stream',
      Metadata: (planned.metadata ?? {}) as Record<string, string>,
    })
    const version = await objects.put({ bucket, key, headers }, [await content(planned, context)])
    return {
      ...planned,
      id: `${bucket}/${key}`,
      arn: `arn:aws:s3:::${bucket}/${key}`,
      etag: version.etag.replaceAll('"', ''),
      version_id: version.versionId,
      content_type: version.headers['content-type'] ?? null,
      storage_class: 'STANDARD',
      server_side_encryption: 'AES256',
    }
  }
  return {
    type: 'aws_s3_object',
    attributes: {
      bucket: implemented({ forceNew: true }),
      key: implemented({ forceNew: true }),
      content: implemented(),
      content_base64: implemented(),
      source: implemented(),
      source_hash: implemented(),
      etag: implemented({ computed: true }),
      content_type: implemented({ computed: true }),
      cache_control: implemented(),
      content_disposition: implemented(),
      content_encoding: implemented(),
      content_language: implemented(),
      metadata: implemented(),
      force_destroy: implemented({ default: false }),
      acl: ignored('access is by policy', { computed: true }),
      bucket_key_enabled: ignored('bodies lie unencrypted in the state directory', { computed: true }),
      kms_key_id: ignored('bodies lie unencrypted in the state directory', { computed: true }),
      server_side_encryption: ignored('bodies lie unencrypted in the state directory', { computed: true }),
      storage_class: ignored('there is one storage class', { computed: true }),
      ...tags,
      id: computed(),
      arn: computed(),
      version_id: computed(),
    },
    create: put,
    update: (planned, prior, context) => put({ ...prior, ...planned }, context),
    read(prior) {
      const version = buckets.current(String(prior.bucket), String(prior.key))
      return version && { ...prior, etag: version.etag.replaceAll('"', ''), version_id: version.versionId }
    },
    async delete(prior) {
      const bucket = String(prior.bucket)
      const key = String(prior.key)
      if (buckets.find(bucket) === undefined) return
      // The provider removes every version that it can see.
      const files = buckets
        .versions(bucket, key)
        .flatMap(({ versionId }) => buckets.removeVersion(bucket, key, versionId).files)
      await bodies.remove(files)
    },
  }
}

function content(planned: Attributes, { folder, address }: ApplyContext): Buffer {
  if (planned.content != null) return Buffer.from(String(planned.content))
  if (planned.content_base64 != null) return Buffer.from(String(planned.content_base64), 'base64')
  if (planned.source == null) return Buffer.alloc(0)
  const file = readStackFile(folder, String(planned.source))
  if (file !== undefined) return file
  throw new Error(`${address}: there is no file ${planned.source}; synthesize again or correct the path`)
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
