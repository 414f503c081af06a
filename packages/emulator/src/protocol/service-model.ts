/**
 * What a client package of the SDK says about its service: operations with their input, output and HTTP binding,
 * error shapes with the code and status that go over the wire, names and namespaces of the protocol. The
 * package exports all of it as plain data (`DescribeServices$`, `ClusterNotFoundException$`), so that nothing
 * has to be written per operation.
 */
import { NormalizedSchema } from '@smithy/core/schema'
import type { SdkPackage, ServiceApi } from './api.ts'

type Traits = Readonly<Record<string, unknown>>

export interface Operation {
  readonly name: string
  readonly input: NormalizedSchema
  readonly output: NormalizedSchema
  /** `[method, path with static query, status]`; undefined where the protocol has one path for all. */
  readonly http: readonly [method: string, uri: string, status: number] | undefined
}

export interface ErrorShape {
  readonly name: string
  readonly schema: NormalizedSchema
  readonly status: number | undefined
  /** Code in the Query protocol where it differs from the shape's name (trait `awsQueryError`). */
  readonly queryCode: string | undefined
}

export interface ServiceModel {
  readonly namespace: string
  readonly xmlNamespace: string | undefined
  /** Prefix of `X-Amz-Target`, e.g. `AmazonEC2ContainerServiceV20141113`. */
  readonly target: string
  readonly version: string
  readonly operations: ReadonlyMap<string, Operation>
  /** By the shape's name or by its Query code. */
  error(code: string): ErrorShape | undefined
}

/** Reads the model of a service out of its client package. */
export function serviceModel(sdk: SdkPackage): ServiceModel {
  const settings = protocolSettings(sdk)
  const operations = new Map<string, Operation>()
  const errors = new Map<string, ErrorShape>()
  for (const schema of Object.values(sdk)) {
    if (!Array.isArray(schema)) continue
    if (schema[0] === OPERATION) {
      const operation = operationOf(schema)
      operations.set(operation.name, operation)
    } else if (schema[0] === ERROR) {
      const shape = errorShapeOf(schema)
      errors.set(shape.name, shape)
    }
  }
  for (const shape of [...errors.values()]) {
    if (shape.queryCode !== undefined && !errors.has(shape.queryCode)) errors.set(shape.queryCode, shape)
  }
  return { ...settings, operations, error: (code) => errors.get(code) }
}

/** The model of a service whose package was loaded with it. */
export function loadedModel({ sdk, signingName }: Pick<ServiceApi, 'sdk' | 'signingName'>): ServiceModel {
  if (typeof sdk === 'function') throw new Error(`the package of ${signingName} is loaded at the first call`)
  return serviceModel(sdk)
}

/** First element of a static schema: what kind of shape it is. */
const OPERATION = 9
const ERROR = -3

function operationOf(schema: readonly unknown[]): Operation {
  const [, , name, traits, input, output] = schema
  return {
    name: String(name),
    http: (traits as Traits | undefined)?.http as Operation['http'],
    input: NormalizedSchema.of(input as Parameters<typeof NormalizedSchema.of>[0]),
    output: NormalizedSchema.of(output as Parameters<typeof NormalizedSchema.of>[0]),
  }
}

function errorShapeOf(schema: readonly unknown[]): ErrorShape {
  const traits = (schema[3] ?? {}) as Traits
  const query = traits.awsQueryError as readonly [code: string, status: number] | undefined
  return {
    name: String(schema[2]),
    schema: NormalizedSchema.of(schema as unknown as Parameters<typeof NormalizedSchema.of>[0]),
    status: query?.[1] ?? (traits.httpError as number | undefined),
    queryCode: query?.[0],
  }
}

type Settings = Pick<ServiceModel, 'namespace' | 'xmlNamespace' | 'target' | 'version'>

/** The settings stand in the configuration of a client, which has to be made for it; it opens nothing. */
function protocolSettings(sdk: SdkPackage): Settings {
  const name = Object.keys(sdk).find((key) => key.endsWith('Client') && key !== '__Client')
  if (name === undefined) throw new Error('not a client package of the AWS SDK: it exports no client class')
  const Client = sdk[name] as new (
    options: object,
  ) => { config: { protocolSettings: Record<string, string> } }
  const client = new Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  })
  const settings = client.config.protocolSettings
  return {
    namespace: settings.defaultNamespace ?? '',
    xmlNamespace: settings.xmlNamespace,
    target: settings.serviceTarget ?? '',
    version: settings.version ?? '',
  }
}

/** Members in the model's order, with the number of those that are required: the model puts them first. */
export function requiredMembers(schema: NormalizedSchema): string[] {
  const shape = schema.getSchema()
  if (!Array.isArray(shape)) return []
  const names = shape[4] as readonly string[] | undefined
  const count = (shape as readonly unknown[])[6]
  return names?.slice(0, typeof count === 'number' ? count : 0) ?? []
}

/** A structure made here, for envelopes and for the part of a shape that stands in the body. */
export function structure(
  name: string,
  namespace: string,
  members: readonly (readonly [name: string, schema: unknown, traits?: Traits])[],
  traits: Traits = {},
): NormalizedSchema {
  const schema = [
    3,
    namespace,
    name,
    traits,
    members.map(([member]) => member),
    members.map(([, member, memberTraits]) => (memberTraits ? [() => member, memberTraits] : member)),
  ]
  return NormalizedSchema.of(schema as unknown as Parameters<typeof NormalizedSchema.of>[0])
}
