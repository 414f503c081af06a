/**
 * Revisions of an ECS deployment: the AppSpec file inline or as an object in S3.
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RevisionLocation.html
 */
import { createHash } from 'node:crypto'
import type { RevisionLocation } from '@aws-sdk/client-codedeploy'
import { InvalidAppSpec } from '../model/app-spec-values.ts'
import { invalidRevision, revisionRequired } from '../model/errors.ts'
import { DeploymentFailure } from '../model/failures.ts'

/** Finds an object, or one of its versions; undefined when there is none. */
export type FindObject = (
  bucket: string,
  key: string,
  versionId?: string,
) => { readonly etag: string; read(): Promise<Buffer> } | undefined

/** What CreateDeployment refuses at once; what is inside of the file is judged when the deployment runs. */
export function checkRevision(revision: RevisionLocation | undefined): RevisionLocation {
  if (revision === undefined) throw revisionRequired()
  switch (revision.revisionType) {
    case 'AppSpecContent': {
      const { content, sha256 } = revision.appSpecContent ?? {}
      if (content === undefined || content === '') throw invalidRevision('AppSpecContent must have content')
      if (sha256 !== undefined && sha256 !== createHash('sha256').update(content).digest('hex')) {
        throw invalidRevision('The sha256 of the AppSpec content does not match its content')
      }
      return revision
    }
    case 'S3': {
      const { bucket, key, bundleType } = revision.s3Location ?? {}
      if (!bucket || !key) throw invalidRevision('An S3 location needs a bucket and a key')
      if (!['YAML', 'JSON', undefined].includes(bundleType)) {
        throw invalidRevision('BundleType must be either YAML or JSON')
      }
      return revision
    }
    case 'String': {
      if (!revision.string?.content) throw invalidRevision('A string revision must have content')
      return revision
    }
    default:
      throw invalidRevision(`The revision type ${revision.revisionType} is not valid for an ECS deployment`)
  }
}

export async function readRevision(
  revision: RevisionLocation,
  findObject: FindObject | undefined,
): Promise<string> {
  if (revision.revisionType === 'AppSpecContent') return revision.appSpecContent?.content ?? ''
  if (revision.revisionType === 'String') return revision.string?.content ?? ''
  const { bucket = '', key = '', version, eTag } = revision.s3Location ?? {}
  if (findObject === undefined) {
    throw new DeploymentFailure('REVISION_MISSING', 'This emulator has no S3 to read the revision from.')
  }
  const object = findObject(bucket, key, version)
  const content = await object?.read().catch(() => undefined)
  if (object === undefined || content === undefined) {
    throw new InvalidAppSpec(
      `The AppSpec file cannot be located in the specified S3 bucket: s3://${bucket}/${key}.`,
    )
  }
  // Another object was written since: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_S3Location.html
  if (eTag !== undefined && unquoted(eTag) !== unquoted(object.etag)) {
    throw new InvalidAppSpec(`The ETag of s3://${bucket}/${key} is not ${unquoted(eTag)}.`)
  }
  return content.toString()
}

const unquoted = (etag: string) => etag.replaceAll('"', '')
