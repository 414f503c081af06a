/**
 * Environment variables whose values are outside of the container definition: secrets of Secrets Manager, parameters,
 * environment files in S3. They are read once, when the task starts. A later change reaches only new tasks.
 */
import type { ContainerDefinition, EnvironmentFile } from '@aws-sdk/client-ecs'
import type { EcsDependencies } from '../model/dependencies.ts'
import { resourceInitialization } from './start-error.ts'

const PULL_FAILURE = 'unable to pull secrets or registry auth: execution resource retrieval failed: '

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html */
export function secretsOf(
  dependencies: EcsDependencies,
  container: ContainerDefinition,
): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { name, valueFrom } of container.secrets ?? []) {
    if (name === undefined || valueFrom === undefined) continue
    const isParameter = !valueFrom.startsWith('arn:') || valueFrom.split(':')[2] === 'ssm'
    values[name] = isParameter
      ? parameterValue(dependencies, valueFrom)
      : secretValue(dependencies, valueFrom)
  }
  return values
}

/** By name or by ARN. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html */
function parameterValue(dependencies: EcsDependencies, valueFrom: string): string {
  const parameter = dependencies.ssm.parameter(valueFrom)
  if (parameter !== undefined) return parameter
  throw resourceInitialization(
    `${PULL_FAILURE}unable to retrieve secrets from ssm: service call has been retried 1 time(s): ` +
      `invalid parameters: ${valueFrom}`,
  )
}

/**
 * `arn:…:secret:name-AbCdEf[:json-key:version-stage:version-id]`
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
function secretValue(dependencies: EcsDependencies, valueFrom: string): string {
  const parts = valueFrom.split(':')
  const secretId = parts.slice(0, 7).join(':')
  const [jsonKey = '', stage = '', versionId = ''] = parts.slice(7)
  const secret = dependencies.secretsManager.secretString(secretId, {
    ...(stage === '' ? {} : { stage }),
    ...(versionId === '' ? {} : { versionId }),
  })
  const failure = `${PULL_FAILURE}unable to retrieve secret from asm: `
  if (secret === undefined) {
    const version = versionId ? `VersionId: ${versionId}` : `staging label: ${stage}`
    throw resourceInitialization(
      `${failure}service call has been retried 1 time(s): failed to fetch secret ${secretId} from secrets manager: ` +
        "ResourceNotFoundException: Secrets Manager can't find the specified secret" +
        `${stage || versionId ? ` value for ${version}` : ''}.`,
    )
  }
  if (jsonKey === '') return secret
  const value = jsonMember(secret, jsonKey)
  if (value === undefined) {
    throw resourceInitialization(
      `${failure}retrieved secret from Secrets Manager did not contain json key ${jsonKey}`,
    )
  }
  return value
}

function jsonMember(json: string, key: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(json) as Record<string, unknown>)[key]
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
  } catch {
    return undefined
  }
}

/**
 * The variables of environment files in S3. Of several files with the same variable, the first has precedence.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
 */
export async function environmentFilesOf(
  dependencies: EcsDependencies,
  files: readonly EnvironmentFile[],
): Promise<Record<string, string>> {
  const contents = await Promise.all(files.map(({ value = '' }) => fileContent(dependencies, value)))
  return Object.assign({}, ...contents.reverse().map(variablesIn)) as Record<string, string>
}

async function fileContent(dependencies: EcsDependencies, arn: string): Promise<string> {
  const [, bucket = '', key = ''] = /^arn:[^:]+:s3:::([^/]+)\/(.+)$/.exec(arn) ?? []
  const content = await dependencies.objects?.(bucket, key)
  if (content !== undefined) return content
  throw resourceInitialization(
    `failed to download env files: file download command: non empty error stream: service call has been retried 1 time(s): ` +
      `failed to download ${key} from bucket ${bucket}: NoSuchKey: The specified key does not exist.`,
  )
}

/** One `NAME=value` per line. Lines that start with `#` are comments, and quotes are part of the value. */
function variablesIn(content: string): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const line of content.split(/\r?\n/)) {
    const equals = line.indexOf('=')
    if (equals > 0 && !line.startsWith('#')) variables[line.slice(0, equals).trim()] = line.slice(equals + 1)
  }
  return variables
}
