/** Parameters and their versions: names, limits, and what a new value does to the old. */
import {
  hierarchyTooDeep,
  invalidName,
  parameterAlreadyExists,
  unsupportedType,
  valueTooLong,
  wrongPattern,
} from './errors.ts'

export type ParameterType = 'String' | 'StringList' | 'SecureString'

export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  readonly description: string | undefined
  readonly keyId: string | undefined
  readonly dataType: string
  readonly tier: 'Standard' | 'Advanced'
  readonly allowedPattern: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** Ascending; the last one is the current. */
  readonly versions: readonly ParameterVersion[]
}

export interface ParameterVersion {
  readonly version: number
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** ARN of who put it. */
  readonly modifiedBy: string
}

export interface ParameterInput {
  readonly name: string
  readonly value: string
  readonly type?: string | undefined
  readonly description?: string | undefined
  readonly keyId?: string | undefined
  readonly dataType?: string | undefined
  readonly tier?: string | undefined
  readonly allowedPattern?: string | undefined
  readonly overwrite?: boolean | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-versions.html */
const VERSIONS_MAX = 100
/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const VALUE_BYTES_MAX = { Standard: 4096, Advanced: 8192 } as const
/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-hierarchies.html */
const LEVELS_MAX = 15

/** What a put makes of the parameter that exists, if any. */
export function putParameter(
  existing: Parameter | undefined,
  input: ParameterInput,
  now: number,
  modifiedBy: string,
): Parameter {
  if (existing && input.overwrite !== true) throw parameterAlreadyExists()
  if (!existing) checkName(input.name)
  const type = typeOf(input.type ?? existing?.type)
  const bytes = Buffer.byteLength(input.value)
  const tier = tierOf(input.tier, existing?.tier, bytes)
  if (bytes > VALUE_BYTES_MAX[tier]) throw valueTooLong(tier, VALUE_BYTES_MAX[tier])
  const allowedPattern = input.allowedPattern ?? existing?.allowedPattern
  if (allowedPattern && !new RegExp(allowedPattern).test(input.value)) throw wrongPattern(allowedPattern)
  const version = (existing?.versions.at(-1)?.version ?? 0) + 1
  const versions = [
    ...(existing?.versions ?? []),
    { version, value: input.value, modifiedAt: now, modifiedBy },
  ]
  return {
    name: input.name,
    type,
    tier,
    allowedPattern,
    description: input.description ?? existing?.description,
    keyId: input.keyId ?? existing?.keyId ?? (type === 'SecureString' ? 'alias/aws/ssm' : undefined),
    dataType: input.dataType ?? existing?.dataType ?? 'text',
    tags: input.tags ?? existing?.tags ?? {},
    versions: versions.slice(-VERSIONS_MAX),
  }
}

function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || name.length > 2048) throw invalidName()
  if (/^\/?(?:aws|ssm)/i.test(name)) throw invalidName()
  // In a hierarchy the name is fully qualified: it starts with a slash.
  if (name.includes('/') && !name.startsWith('/')) throw invalidName()
  if (name.split('/').length - 1 > LEVELS_MAX) throw hierarchyTooDeep(LEVELS_MAX)
}

function typeOf(type: string | undefined): ParameterType {
  if (type === 'String' || type === 'StringList' || type === 'SecureString') return type
  throw unsupportedType(type)
}

function tierOf(asked: string | undefined, existing: Parameter['tier'] | undefined, bytes: number) {
  if (asked === 'Intelligent-Tiering')
    return bytes > VALUE_BYTES_MAX.Standard ? 'Advanced' : (existing ?? 'Standard')
  // An advanced parameter cannot become a standard one.
  return asked === 'Advanced' || existing === 'Advanced' ? 'Advanced' : 'Standard'
}

/** Whether a parameter is below a path, directly or, with `recursive`, at any depth. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`
  return name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/'))
}

/** `name`, or `name:version`: the version that the selector asks for, if it is there. */
export function selectVersion(
  parameter: Parameter,
  selector: string | undefined,
): ParameterVersion | undefined {
  if (selector === undefined) return parameter.versions.at(-1)
  return parameter.versions.find(({ version }) => String(version) === selector)
}
