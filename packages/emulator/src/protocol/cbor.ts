/**
 * Smithy RPC v2 with CBOR: the operation in the path, CBOR in and out. CloudWatch's current clients (SDK for Go v2 and what
 * is built on it) speak it.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { CborCodec, cbor } from '@smithy/core/cbor'
import { AwsError } from '../aws-error.ts'
import { type Protocol, wireError } from './protocol.ts'
import type { WireRequest } from './request.ts'
import type { ServiceModel } from './service-model.ts'
import { jsonCallerErrors } from './signature/caller-errors.ts'

const NAME = 'rpc-v2-cbor'

export const isCbor = (request: WireRequest): boolean => request.header('smithy-protocol') === NAME

export function cborProtocol(model: ServiceModel): Protocol {
  const codec = new CborCodec()
  const headers = (requestId: string) => ({
    'content-type': 'application/cbor',
    'smithy-protocol': NAME,
    'x-amzn-requestid': requestId,
  })
  return {
    unknownOperation: { code: 'UnknownOperationException', status: 404 },
    callerErrors: jsonCallerErrors,

    async route(request) {
      const name =
        /^\/service\/[^/]+\/operation\/(?<name>\w+)$/.exec(request.path)?.groups?.name ?? request.path
      return { name, operation: model.operations.get(name) }
    },

    async decode(_route, operation, request) {
      const body = await request.body()
      if (body.length === 0 || operation.input.isUnitSchema()) return {}
      try {
        return (await codec.createDeserializer().read(operation.input, body)) as Record<string, unknown>
      } catch {
        throw new AwsError('SerializationException', 'The request body is not valid CBOR.')
      }
    },

    encode(operation, output, requestId) {
      if (operation.output.isUnitSchema()) return { status: 200, headers: headers(requestId) }
      const serializer = codec.createSerializer()
      serializer.write(operation.output, output)
      return { status: 200, headers: headers(requestId), body: serializer.flush() as Uint8Array }
    },

    encodeError(error, requestId, request) {
      const { shape, status, message, members } = wireError(model, error)
      const name = shape?.name ?? error.code
      const queryError = `${shape?.queryCode ?? name};${status < 500 ? 'Sender' : 'Receiver'}`
      const body = { __type: shape ? `${model.namespace}#${name}` : name, ...plain(members), message }
      return {
        status,
        headers: {
          ...headers(requestId),
          ...(request.header('x-amzn-query-mode') ? { 'x-amzn-query-error': queryError } : {}),
        },
        body: cbor.serialize(body),
      }
    },
  }
}

/** Members of an error that are text or numbers; no service with this protocol has others. */
const plain = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => typeof value === 'string' || typeof value === 'number'),
  )
