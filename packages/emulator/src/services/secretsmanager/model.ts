/**
 * Secrets, their versions and the stages that point at them. A stage is on one version at a time; moving
 * AWSCURRENT leaves AWSPREVIOUS behind.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
 */
import { invalidParameter, invalidRequest, versionExists } from './errors.ts'

export interface Secret {
  readonly arn: string
  readonly name: string
  readonly description: string | undefined
  readonly kmsKeyId: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** The service that manages it: `rds`. */
  readonly owningService: string | undefined
  readonly policy: string | undefined
  readonly createdAt: number
  readonly changedAt: number
  readonly accessedAt: number | undefined
  /** When its deletion was asked for, and when it is carried out. */
  readonly deletion: { readonly askedAt: number; readonly at: number } | undefined
  readonly versions: Readonly<Record<string, SecretVersion>>
}

export interface SecretVersion {
  readonly createdAt: number
  readonly value: SecretValue
  readonly stages: readonly string[]
}

/** `binary` is base64. */
export type SecretValue = { readonly string: string } | { readonly binary: string }

export const CURRENT = 'AWSCURRENT'
const PREVIOUS = 'AWSPREVIOUS'

/** Versions without a stage are deprecated; AWS removes them when there are more than 100. */
const VERSIONS_MAX = 100
/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const VALUE_BYTES_MAX = 65_536
const STAGES_MAX = 20

/** Adds a version under its stages; the same version with the same value again changes nothing. */
export function putVersion(
  secret: Secret,
  versionId: string,
  value: SecretValue,
  stages: readonly string[],
  now: number,
): Secret {
  checkValue(value)
  if (stages.length > STAGES_MAX)
    throw invalidParameter(`You can't have more than ${STAGES_MAX} staging labels.`)
  const existing = secret.versions[versionId]
  if (existing) {
    if (JSON.stringify(existing.value) === JSON.stringify(value)) return secret
    throw versionExists(versionId)
  }
  const version: SecretVersion = { createdAt: now, value, stages: [] }
  let versions: Secret['versions'] = { ...secret.versions, [versionId]: version }
  for (const stage of stages) versions = moveStage(versions, stage, versionId)
  return { ...secret, versions: pruned(versions), changedAt: now }
}

/** Puts a stage on a version, and takes it from where it was. */
export function moveStage(versions: Secret['versions'], stage: string, to: string): Secret['versions'] {
  const from = versionAt(versions, stage)
  if (from === to) return versions
  const moved = mapStages(versions, (id, stages) => {
    const kept = stages.filter((other) => other !== stage)
    return id === to ? [...kept.filter((other) => other !== PREVIOUS || stage !== CURRENT), stage] : kept
  })
  return stage === CURRENT && from !== undefined ? moveStage(moved, PREVIOUS, from) : moved
}

/** Takes a stage from the version that has it. AWSCURRENT can only be moved. */
export function removeStage(versions: Secret['versions'], stage: string, from: string): Secret['versions'] {
  if (stage === CURRENT)
    throw invalidParameter(`You can't remove the staging label ${CURRENT}, you can only move it.`)
  if (!versions[from]?.stages.includes(stage)) {
    throw invalidParameter(`The staging label ${stage} is currently not attached to version ${from}.`)
  }
  return mapStages(versions, (id, stages) =>
    id === from ? stages.filter((other) => other !== stage) : stages,
  )
}

/** Id of the version that has a stage. */
export function versionAt(versions: Secret['versions'], stage: string): string | undefined {
  return Object.entries(versions).find(([, version]) => version.stages.includes(stage))?.[0]
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export function deletionTime(
  now: number,
  windowDays: number | undefined,
  force: boolean | undefined,
): number {
  if (force === true) {
    if (windowDays !== undefined) {
      throw invalidParameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      )
    }
    return now
  }
  const days = windowDays ?? 30
  if (days < 7 || days > 30)
    throw invalidParameter('RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
  return now + days * 24 * 3_600_000
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9/_+=.@!-]{1,512}$/.test(name)) {
    throw invalidParameter(
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    )
  }
}

/** A secret that another service manages is changed by that service only. */
export function checkUnmanaged(secret: Secret): void {
  if (secret.owningService !== undefined) {
    throw invalidRequest(`The secret ${secret.name} is managed by ${secret.owningService}: change it there.`)
  }
}

function checkValue(value: SecretValue): void {
  const bytes =
    'string' in value ? Buffer.byteLength(value.string) : Buffer.byteLength(value.binary, 'base64')
  if (bytes > VALUE_BYTES_MAX) throw invalidParameter(`The secret value exceeds ${VALUE_BYTES_MAX} bytes.`)
}

function mapStages(
  versions: Secret['versions'],
  change: (id: string, stages: readonly string[]) => readonly string[],
): Secret['versions'] {
  return Object.fromEntries(
    Object.entries(versions).map(([id, version]) => [id, { ...version, stages: change(id, version.stages) }]),
  )
}

function pruned(versions: Secret['versions']): Secret['versions'] {
  const entries = Object.entries(versions)
  const surplus = entries.length - VERSIONS_MAX
  if (surplus <= 0) return versions
  const dropped = new Set(
    entries
      .filter(([, { stages }]) => stages.length === 0)
      .slice(0, surplus)
      .map(([id]) => id),
  )
  return Object.fromEntries(entries.filter(([id]) => !dropped.has(id)))
}
