/**
 * AWS JSON 1.0 and 1.1: one path, the operation in `X-Amz-Target`.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 *
 * CloudWatch came from Query: its clients send `x-amzn-query-mode` and want the old code of an error beside it.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#querycompatible-trait
 */
import { JsonCodec2 as JsonCodec } from '@smithy/core/protocols'
import { AwsError } from '../aws-error.ts'
import { isTooDeep } from './json-depth.ts'
import { type Protocol, wireError } from './protocol.ts'
import type { ServiceModel } from './service-model.ts'
import { jsonCallerErrors } from './signature/caller-errors.ts'

/** Timestamps are seconds since the epoch unless a shape says otherwise (7 in the schema's numbers). */
const EPOCH_SECONDS = 7

export function jsonProtocol(model: ServiceModel, version: '1.0' | '1.1'): Protocol {
  const codec = new JsonCodec({
    timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
    jsonName: false,
  })
  const headers = (requestId: string) => ({
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': requestId,
  })
  return {
    unknownOperation: { code: 'UnknownOperationException', status: 404 },
    callerErrors: jsonCallerErrors,

    async route(request) {
      const target = request.header('x-amz-target') ?? ''
      const name = target.slice(target.lastIndexOf('.') + 1)
      return { name, operation: model.operations.get(name) }
    },

    async decode(_route, operation, request) {
      const body = await request.body()
      if (body.length === 0 || operation.input.isUnitSchema()) return {}
      if (isTooDeep(body))
        throw new AwsError('SerializationException', 'The request body is nested too deeply.')
      try {
        return (await codec.createDeserializer().read(operation.input, body.toString())) as Record<
          string,
          unknown
        >
      } catch {
        throw new AwsError('SerializationException', 'The request body is not valid JSON.')
      }
    },

    encode(operation, output, requestId) {
      if (operation.output.isUnitSchema()) return { status: 200, headers: headers(requestId), body: '' }
      const serializer = codec.createSerializer()
      serializer.write(operation.output, output)
      return { status: 200, headers: headers(requestId), body: serializer.flush() }
    },

    encodeError(error, requestId, request) {
      const { shape, status, message, members } = wireError(model, error)
      const name = shape?.name ?? error.code
      const type = shape && version === '1.0' ? `${model.namespace}#${name}` : name
      const body: Record<string, unknown> = { __type: type, message }
      if (shape) {
        const serializer = codec.createSerializer()
        serializer.write(shape.schema, { ...members, message, Message: message })
        Object.assign(body, JSON.parse(new TextDecoder().decode(serializer.flush())))
      }
      const queryError = `${shape?.queryCode ?? name};${status < 500 ? 'Sender' : 'Receiver'}`
      return {
        status,
        headers: {
          ...headers(requestId),
          ...(request.header('x-amzn-query-mode') ? { 'x-amzn-query-error': queryError } : {}),
        },
        body: JSON.stringify(body),
      }
    },
  }
}
