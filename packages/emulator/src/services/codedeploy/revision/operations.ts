/**
 * CodeDeploy's API for the revisions of an application: those that were registered, and those that deployments
 * brought along.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/application-revisions.html
 */
import type * as codedeploy from '@aws-sdk/client-codedeploy'
import type { Operations } from '../../../protocol/operations.ts'
import type { EmulatorContext } from '../../../service.ts'
import * as errors from '../model/errors.ts'
import type { Journal } from '../model/journal.ts'
import { batch, paginate } from '../model/paging.ts'
import type { State } from '../model/state.ts'
import { checkRevision } from './revisions.ts'

interface Registered {
  readonly applicationId: string
  readonly location: codedeploy.RevisionLocation
  readonly description?: string
  readonly registeredAt: number
}

interface Revision {
  readonly location: codedeploy.RevisionLocation
  readonly description: string
  readonly registeredAt: number
  readonly firstUsedAt?: number
  readonly lastUsedAt?: number
  readonly groups: readonly string[]
}

export function revisionOperations(
  { clock, store }: EmulatorContext,
  { state, journal }: { state: State; journal: Journal },
) {
  const registered = store.collection<Registered>('codedeploy.revisions')

  function revisionsOf(applicationName: string | undefined): Map<string, Revision> {
    const application = state.application(applicationName)
    const found = new Map<string, Revision>()
    for (const one of registered.values().filter(({ applicationId }) => applicationId === application.id)) {
      const { location, description = '', registeredAt } = one
      found.set(identityOf(location), { location, description, registeredAt, groups: [] })
    }
    for (const one of journal.all().filter((each) => each.applicationName === application.name)) {
      if (one.creator !== 'user') continue
      const identity = identityOf(one.revision)
      const before = found.get(identity)
      found.set(identity, {
        location: one.revision,
        description: before?.description ?? `Application revision registered by Deployment ID: ${one.id}`,
        registeredAt: before?.registeredAt ?? one.createdAt,
        firstUsedAt: before?.firstUsedAt ?? one.createdAt,
        lastUsedAt: one.createdAt,
        groups: [...new Set([...(before?.groups ?? []), one.deploymentGroupName])],
      })
    }
    return found
  }

  return {
    RegisterApplicationRevision: (input) => {
      const { id } = state.application(input.applicationName)
      const location = checkRevision(input.revision)
      const key = `${id}|${identityOf(location)}`
      const { description } = input
      registered.put(key, {
        applicationId: id,
        location,
        ...(description === undefined ? {} : { description }),
        registeredAt: registered.get(key)?.registeredAt ?? clock.now(),
      })
      return {}
    },
    GetApplicationRevision: (input) => {
      const revisions = revisionsOf(input.applicationName)
      const revision = revisions.get(identityOf(checkRevision(input.revision)))
      if (revision === undefined) throw errors.revisionDoesNotExist()
      return {
        applicationName: input.applicationName,
        revision: revision.location,
        revisionInfo: infoOf(revision),
      }
    },
    BatchGetApplicationRevisions: (input) => {
      const revisions = revisionsOf(input.applicationName)
      const requested = batch(input.revisions, 25).map((location) => identityOf(checkRevision(location)))
      const known = requested.flatMap((identity) => revisions.get(identity) ?? [])
      return {
        applicationName: input.applicationName,
        ...(known.length < requested.length ? { errorMessage: 'Some of the revisions do not exist' } : {}),
        revisions: known.map((revision) => ({
          revisionLocation: revision.location,
          genericRevisionInfo: infoOf(revision),
        })),
      }
    },
    ListApplicationRevisions: (input) => {
      check(input)
      const at = {
        registerTime: (one: Revision) => one.registeredAt,
        firstUsedTime: (one: Revision) => one.firstUsedAt ?? 0,
        lastUsedTime: (one: Revision) => one.lastUsedAt ?? 0,
      }[input.sortBy ?? 'registerTime']
      const current = new Set(
        state.groups(input.applicationName).flatMap((group) => {
          const last = journal
            .all()
            .findLast(
              (one) => one.deploymentGroupId === group.deploymentGroupId && one.status === 'Succeeded',
            )
          return last ? [identityOf(last.revision)] : []
        }),
      )
      const found = [...revisionsOf(input.applicationName).entries()]
        .filter(([identity]) =>
          input.deployed === 'include'
            ? current.has(identity)
            : input.deployed !== 'exclude' || !current.has(identity),
        )
        .map(([, revision]) => revision)
        .filter(({ location: { s3Location: s3 } }) => !input.s3Bucket || s3?.bucket === input.s3Bucket)
        .filter(({ location }) => (location.s3Location?.key ?? '').startsWith(input.s3KeyPrefix ?? ''))
        .sort((a, b) => (input.sortOrder === 'descending' ? at(b) - at(a) : at(a) - at(b)))
      const { page, nextToken } = paginate(found, input.nextToken, 100)
      return { revisions: page.map(({ location }) => location), nextToken }
    },
  } satisfies Operations<typeof codedeploy>
}

/** The same text for a location, whatever the order of its members. */
function identityOf({
  revisionType,
  s3Location,
  appSpecContent,
  string,
}: codedeploy.RevisionLocation): string {
  const { bucket, key, version, eTag } = s3Location ?? {}
  return JSON.stringify([revisionType, bucket, key, version, eTag, appSpecContent?.content, string?.content])
}

const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at))

const infoOf = (revision: Revision): codedeploy.GenericRevisionInfo => ({
  description: revision.description,
  deploymentGroups: [...revision.groups],
  firstUsedTime: date(revision.firstUsedAt),
  lastUsedTime: date(revision.lastUsedAt),
  registerTime: date(revision.registeredAt),
})

function check(input: codedeploy.ListApplicationRevisionsInput): void {
  const { sortBy = 'registerTime', sortOrder = 'ascending', deployed = 'ignore' } = input
  if (!['registerTime', 'firstUsedTime', 'lastUsedTime'].includes(sortBy)) throw errors.invalidSortBy()
  if (!['ascending', 'descending'].includes(sortOrder)) throw errors.invalidSortOrder()
  if (!['include', 'exclude', 'ignore'].includes(deployed)) throw errors.invalidDeployedStateFilter()
  if (input.s3KeyPrefix !== undefined && input.s3Bucket === undefined) throw errors.bucketNameFilterRequired()
}
