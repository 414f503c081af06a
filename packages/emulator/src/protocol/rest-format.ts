/** How the two REST protocols write a structured body and an error. */
import { XmlCodec } from '@aws-sdk/core/protocols'
import { JsonCodec2 as JsonCodec } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { bindingsOf } from './http-bindings.ts'
import { isTooDeep } from './json-depth.ts'
import type { WireError } from './protocol.ts'
import { type ServiceModel, structure } from './service-model.ts'

export interface RestFormat {
  readonly contentType: string
  /** Code of the error for a body that cannot be read. */
  readonly malformedCode: string
  /** Code of the error for a member in path, query or headers that does not have its type. */
  readonly invalidMemberCode: string
  read(schema: NormalizedSchema, body: Buffer): Promise<unknown>
  write(schema: NormalizedSchema, value: unknown): Uint8Array | string
  error(error: WireError, name: string, requestId: string): string
}

/** Smithy's numbers: a string; time stamps in ISO 8601, in seconds since the epoch. */
const STRING = 0
const DATE_TIME = 5
const EPOCH_SECONDS = 7

export function jsonFormat(): RestFormat {
  const codec = new JsonCodec({
    timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
    httpBindings: true,
    jsonName: true,
  })
  const write = (schema: NormalizedSchema, value: unknown) => {
    const serializer = codec.createSerializer()
    serializer.write(schema, value)
    return serializer.flush()
  }
  return {
    contentType: 'application/json',
    malformedCode: 'SerializationException',
    invalidMemberCode: 'SerializationException',
    async read(schema, body) {
      if (isTooDeep(body)) throw new Error('nested too deeply')
      return codec.createDeserializer().read(schema, body.toString())
    },
    write,
    error({ shape, message, members }) {
      const body = shape ? bindingsOf(shape.schema, 'output').body : undefined
      const known = body
        ? JSON.parse(new TextDecoder().decode(write(body, { ...members, message, Message: message })))
        : {}
      return JSON.stringify({ message, ...known })
    },
  }
}

export function xmlFormat(model: ServiceModel, isS3: boolean): RestFormat {
  const codec = (xmlNamespace: string) =>
    new XmlCodec({
      timestampFormat: { useTrait: true, default: DATE_TIME },
      httpBindings: true,
      xmlNamespace,
      serviceNamespace: model.namespace,
    })
  const withNamespace = codec(model.xmlNamespace ?? '')
  const write = (schema: NormalizedSchema, value: unknown, from = withNamespace) => {
    const serializer = from.createSerializer()
    serializer.write(schema, value)
    const document = `<?xml version="1.0" encoding="UTF-8"?>\n${serializer.flush()}`
    return isS3 && schema.getName() === 'GetBucketLocationOutput' ? unwrapped(document) : document
  }
  // S3's error document has no namespace: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  const forErrors = isS3 ? codec('') : withNamespace

  return {
    contentType: 'application/xml',
    malformedCode: isS3 ? 'MalformedXML' : 'MalformedInput',
    invalidMemberCode: isS3 ? 'InvalidArgument' : 'MalformedInput',
    read: async (schema, body) => withNamespace.createDeserializer().read(schema, body),
    write,
    error({ shape, message, members, status }, name, requestId) {
      const own = shape
        ? [...shape.schema.structIterator()].filter(([member]) => !/^message$/i.test(member))
        : []
      const further = own.map(([member, schema]) => [member, schema.getSchema()] as const)
      const plain = Object.keys(members).filter((member) => !own.some(([known]) => known === member))
      const detail = structure('Error', model.namespace, [
        ...(isS3 ? [] : [['Type', STRING] as const]),
        ['Code', STRING],
        ['Message', STRING],
        ...further,
        ...plain.map((member) => [member, STRING] as const),
        ...(isS3 ? ([['RequestId', STRING]] as const) : []),
      ])
      const type = status < 500 ? 'Sender' : 'Receiver'
      const value = { ...members, Type: type, Code: name, Message: message, RequestId: requestId }
      if (isS3) return write(detail, value, forErrors)
      const envelope = structure('ErrorResponse', model.namespace, [
        ['Error', detail],
        ['RequestId', STRING],
      ])
      return write(envelope, { Error: value, RequestId: requestId }, forErrors)
    },
  }
}

/**
 * One operation of S3 answers its only member as the root.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html#API_GetBucketLocation_ResponseSyntax
 */
const unwrapped = (document: string) =>
  document.replace(
    /(<LocationConstraint [^>]*>)<LocationConstraint>(.*)<\/LocationConstraint>(<\/)/,
    '$1$2$3',
  )
