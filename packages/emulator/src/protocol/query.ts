/**
 * AWS Query: a form with `Action` in, XML out; and EC2's dialect of it.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import { XmlCodec } from '@aws-sdk/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import type { AwsError } from '../aws-error.ts'
import { type Dialect, readForm } from './form.ts'
import { type Answer, type Protocol, wireError } from './protocol.ts'
import type { WireRequest } from './request.ts'
import { type Operation, type ServiceModel, structure } from './service-model.ts'
import { xmlCallerErrors } from './signature/caller-errors.ts'

/** Smithy's numbers: a string; a flag; a time stamp in ISO 8601. */
const STRING = 0
const BOOLEAN = 2
const DATE_TIME = 5

export function queryProtocol(model: ServiceModel, dialect: Dialect = 'query'): Protocol {
  const codec = new XmlCodec({
    timestampFormat: { useTrait: true, default: DATE_TIME },
    httpBindings: false,
    xmlNamespace: model.xmlNamespace ?? '',
    serviceNamespace: model.namespace,
  })
  const xml = (schema: NormalizedSchema, value: unknown) => {
    const serializer = codec.createSerializer()
    serializer.write(schema, value)
    return `<?xml version="1.0" encoding="UTF-8"?>\n${serializer.flush()}`
  }
  const headers = (requestId: string) => ({ 'content-type': 'text/xml', 'x-amzn-requestid': requestId })
  const metadata = structure('ResponseMetadata', model.namespace, [['RequestId', STRING]])

  /** Without a result around the members; an operation without output says `true`. */
  function encodeEc2(
    operation: Operation,
    output: Readonly<Record<string, unknown>>,
    requestId: string,
  ): Answer {
    const members = operation.output.isUnitSchema()
      ? [['return', BOOLEAN] as const]
      : [...operation.output.structIterator()].map(
          ([name, member]) => [name, member.getSchema(), member.getMergedTraits()] as const,
        )
    const envelope = structure(`${operation.name}Response`, model.namespace, [
      ['requestId', STRING],
      ...members,
    ])
    const value = { requestId, return: true, ...output }
    return { status: 200, headers: headers(requestId), body: xml(envelope, value) }
  }

  function encodeEc2Error(error: AwsError, requestId: string): Answer {
    const one = structure('Error', model.namespace, [
      ['Code', STRING],
      ['Message', STRING],
    ])
    const envelope = structure('Response', model.namespace, [
      ['Errors', structure('Errors', model.namespace, [['Error', one]])],
      ['RequestID', STRING],
    ])
    const value = { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: requestId }
    return { status: error.status, headers: headers(requestId), body: xml(envelope, value) }
  }

  return {
    unknownOperation: { code: 'InvalidAction', status: 400 },
    callerErrors: xmlCallerErrors,

    async route(request) {
      const name = (await form(request)).get('Action') ?? ''
      return { name, operation: model.operations.get(name) }
    },

    async decode(_route, operation, request) {
      return readForm(operation.input, await form(request), dialect)
    },

    encode(operation, output, requestId) {
      if (dialect === 'ec2') return encodeEc2(operation, output, requestId)
      const result = `${operation.name}Result`
      const envelope = structure(`${operation.name}Response`, model.namespace, [
        ...(operation.output.isUnitSchema() ? [] : [[result, bare(operation.output)] as const]),
        ['ResponseMetadata', metadata],
      ])
      const value = { [result]: output, ResponseMetadata: { RequestId: requestId } }
      return { status: 200, headers: headers(requestId), body: xml(envelope, value) }
    },

    encodeError(error, requestId) {
      if (dialect === 'ec2') return encodeEc2Error(error, requestId)
      const { shape, status, message, members } = wireError(model, error)
      const known = shape
        ? [...shape.schema.structIterator()].filter(([name]) => !/^message$/i.test(name))
        : []
      const envelope = structure('ErrorResponse', model.namespace, [
        [
          'Error',
          structure('Error', model.namespace, [
            ['Type', STRING],
            ['Code', STRING],
            ['Message', STRING],
            ...known.map(([name, member]) => [name, bare(member)] as const),
          ]),
        ],
        ['RequestId', STRING],
      ])
      const code = shape?.queryCode ?? shape?.name ?? error.code
      const detail = { ...members, Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message }
      return {
        status,
        headers: headers(requestId),
        body: xml(envelope, { Error: detail, RequestId: requestId }),
      }
    },
  }
}

/** The schema itself, without the name under which it is a member elsewhere. */
const bare = (schema: NormalizedSchema) => schema.getSchema()

/** Parameters come in the body, or, for a GET, in the URL. */
export async function form(request: WireRequest): Promise<URLSearchParams> {
  if (request.method === 'GET') return request.query
  return new URLSearchParams((await request.body()).toString('utf8'))
}
