/**
 * Revisions of an ECS deployment: the AppSpec file inline or as an object in S3.
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RevisionLocation.html
 */
import { createHash } from 'node:crypto'
import type { RevisionLocation } from '@aws-sdk/client-codedeploy'
import { InvalidAppSpec } from './app-spec-values.ts'
import { invalidRevision, revisionRequired } from './errors.ts'
import { DeploymentFailure } from './failures.ts'

/** Reads an object's text; undefined when there is none. */
export type ReadObject = (bucket: string, key: string, versionId?: string) => Promise<string | undefined>

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
  readObject: ReadObject | undefined,
): Promise<string> {
  if (revision.revisionType === 'AppSpecContent') return revision.appSpecContent?.content ?? ''
  if (revision.revisionType === 'String') return revision.string?.content ?? ''
  const { bucket = '', key = '', version } = revision.s3Location ?? {}
  if (readObject === undefined) {
    throw new DeploymentFailure('REVISION_MISSING', 'This region has no S3 to read the revision from.')
  }
  const content = await readObject(bucket, key, version)
  if (content === undefined) {
    throw new InvalidAppSpec(
      `The AppSpec file cannot be located in the specified S3 bucket: s3://${bucket}/${key}.`,
    )
  }
  return content
}
