/**
 * Holds an input against its schema, as AWS does before an operation runs: required members, types. Members that
 * the schema does not know have been left out by then, as AWS ignores them. Constraints of the model (lengths,
 * patterns, ranges, enum values) are not part of the schemas that the SDK carries: services check those that
 * matter to them.
 */
import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsError } from '../aws-error.ts'
import { isObject } from '../json-object.ts'
import type { ServiceApi } from './api.ts'
import { type Operation, requiredMembers, type ServiceModel } from './service-model.ts'

interface Problem {
  readonly path: string
  readonly kind: 'missing' | 'type'
}

/** Throws the error that the service, its protocol or its error shapes call for. */
export function validate(
  { name, input: schema }: Operation,
  input: Readonly<Record<string, unknown>>,
  model: ServiceModel,
  api: Pick<ServiceApi, 'protocol' | 'missingMembers'>,
): void {
  const problems = check(schema, input, '')
  const [first] = problems
  if (first === undefined) return
  if (problems.some(({ kind }) => kind === 'type')) {
    const paths = problems.filter(({ kind }) => kind === 'type').map(({ path }) => path)
    throw new AwsError('SerializationException', `Members of the wrong type: ${paths.join(', ')}`)
  }
  const own = api.missingMembers?.(
    name,
    problems.map(({ path }) => path),
  )
  if (own !== undefined) throw own
  if (api.protocol === 'query' || api.protocol === 'ec2') {
    throw new AwsError('MissingParameter', `The request must contain the parameter ${first.path}`)
  }
  const paths = problems.map(({ path }) => path)
  throw new AwsError(missingCode(model, first.path), missingMembersMessage(paths, 'Value'))
}

/** Codes under which services report an input that the model does not allow; the first that the service has. */
const INVALID_CODES = [
  'ValidationException',
  'InvalidParameterException',
  'InvalidParameterValueException',
  'InvalidInput',
  'InvalidArgument',
  'BadRequest',
]

function missingCode(model: ServiceModel, path: string): string {
  // CodeDeploy has an error of its own for each: ApplicationNameRequiredException.
  const specific = `${path.charAt(0).toUpperCase()}${path.slice(1)}RequiredException`
  const known = [specific, ...INVALID_CODES].find((code) => model.error(code) !== undefined)
  return known ?? 'ValidationException'
}

/** Worded as AWS's services do: the older ones say `Value null`. */
export function missingMembersMessage(paths: readonly string[], value: 'Value' | 'Value null'): string {
  const constraints = paths.map(
    (path) => `${value} at '${path}' failed to satisfy constraint: Member must not be null`,
  )
  return `${paths.length} validation error${paths.length > 1 ? 's' : ''} detected: ${constraints.join('; ')}`
}

function check(schema: NormalizedSchema, value: unknown, path: string): Problem[] {
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) return [{ path, kind: 'type' }]
    const member = schema.getValueSchema()
    return value.flatMap((item, at) => (item === null ? [] : check(member, item, `${path}.${at + 1}.member`)))
  }
  const structured = schema.isMapSchema() || (schema.isStructSchema() && !schema.isStreaming())
  if (!structured) return hasScalarType(schema, value) ? [] : [{ path, kind: 'type' }]
  if (!isObject(value)) return [{ path, kind: 'type' }]
  const given = (name: string) => value[name] !== undefined && value[name] !== null
  if (schema.isMapSchema()) {
    const member = schema.getValueSchema()
    return Object.keys(value).flatMap((key) =>
      given(key) ? check(member, value[key], `${path}.${key}.member`) : [],
    )
  }
  const required = schema.isUnionSchema() ? [] : requiredMembers(schema)
  const missing = required.filter((name) => !given(name))
  return [
    ...missing.map((name): Problem => ({ path: join(path, name), kind: 'missing' })),
    ...[...schema.structIterator()].flatMap(([name, member]) =>
      given(name) ? check(member, value[name], join(path, name)) : [],
    ),
  ]
}

function hasScalarType(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isStringSchema()) return typeof value === 'string' || value instanceof String
  if (schema.isBooleanSchema()) return typeof value === 'boolean'
  if (schema.isNumericSchema()) return typeof value === 'number'
  if (schema.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime())
  return true
}

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`)
