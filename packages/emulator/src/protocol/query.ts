/**
 * AWS Query: a form with `Action` in, XML out.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { XmlCodec } from '@aws-sdk/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { readForm } from './form.ts'
import { type Protocol, wireError } from './protocol.ts'
import type { WireRequest } from './request.ts'
import { type ServiceModel, structure } from './service-model.ts'
import { xmlCallerErrors } from './signature/caller-errors.ts'

/** Smithy's numbers: a string; a time stamp in ISO 8601. */
const STRING = 0
const DATE_TIME = 5

export function queryProtocol(model: ServiceModel): Protocol {
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

  return {
    unknownOperation: { code: 'InvalidAction', status: 400 },
    callerErrors: xmlCallerErrors,

    async route(request) {
      const name = (await form(request)).get('Action') ?? ''
      return { name, operation: model.operations.get(name) }
    },

    async decode(_route, operation, request) {
      return readForm(operation.input, await form(request))
    },

    encode(operation, output, requestId) {
      const result = `${operation.name}Result`
      const envelope = structure(`${operation.name}Response`, model.namespace, [
        ...(operation.output.isUnitSchema() ? [] : [[result, bare(operation.output)] as const]),
        ['ResponseMetadata', metadata],
      ])
      const value = { [result]: output, ResponseMetadata: { RequestId: requestId } }
      return { status: 200, headers: headers(requestId), body: xml(envelope, value) }
    },

    encodeError(error, requestId) {
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
