/**
 * REST-XML and REST-JSON: operation by method and path, members bound to the parts of the HTTP message.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 *
 * S3 differs: its buckets are no part of its path templates, and its error document has no envelope.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
import { Readable } from 'node:stream'
import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsError } from '../aws-error.ts'
import { type Bindings, bindingsOf, readBindings, writeBindings } from './http-bindings.ts'
import { type Answer, type Protocol, type Route, wireError } from './protocol.ts'
import type { WireRequest } from './request.ts'
import { jsonFormat, type RestFormat, xmlFormat } from './rest-format.ts'
import { restRouter } from './rest-router.ts'
import { s3Address } from './s3-address.ts'
import type { Operation, ServiceModel } from './service-model.ts'
import { restJsonCallerErrors, s3CallerErrors, xmlCallerErrors } from './signature/caller-errors.ts'

export function restProtocol(
  model: ServiceModel,
  kind: 'rest-xml' | 'rest-json',
  signingName: string,
): Protocol {
  const isS3 = signingName === 's3'
  const format = kind === 'rest-xml' ? xmlFormat(model, isS3) : jsonFormat()
  const router = restRouter(model)
  return {
    unknownOperation: isS3
      ? { code: 'MethodNotAllowed', status: 405 }
      : { code: 'UnknownOperationException', status: 404 },
    callerErrors: isS3 ? s3CallerErrors : kind === 'rest-xml' ? xmlCallerErrors : restJsonCallerErrors,

    async route(request) {
      const address = isS3 ? s3Address(request.host, request.path) : undefined
      const route = router({
        method: request.method,
        path: address?.path ?? request.path,
        query: request.query,
        header: request.header,
        ...(address ? { hasBucket: address.bucket !== undefined } : {}),
      })
      const name = route?.operation.name ?? `${request.method} ${request.path}`
      const bucket: Record<string, string> = address?.bucket === undefined ? {} : { Bucket: address.bucket }
      return { name, operation: route?.operation, labels: { ...route?.labels, ...bucket } }
    },

    decode: (route, operation, request) => decode(format, route, operation, request),
    encode: (operation, output, requestId) => encode(format, operation, output, requestId, isS3),

    encodeError(error, requestId) {
      const failure = wireError(model, error)
      const bindings = failure.shape ? bindingsOf(failure.shape.schema, 'output') : undefined
      const bound = bindings ? writeBindings(bindings, failure.members) : { headers: {} }
      const name = failure.shape?.name ?? error.code
      return {
        status: failure.status,
        headers: {
          ...identity(requestId, isS3),
          ...bound.headers,
          'content-type': format.contentType,
          ...(kind === 'rest-json' ? { 'x-amzn-errortype': name } : {}),
        },
        body: format.error(failure, name, requestId),
      }
    },
  }
}

async function decode(
  format: RestFormat,
  route: Route,
  operation: Operation,
  request: WireRequest,
): Promise<Record<string, unknown>> {
  const bindings = bindingsOf(operation.input, 'input')
  const input = readBindings(bindings, request, route.labels ?? {}, format.invalidMemberCode)
  const { payload } = bindings
  if (payload?.schema.isStreaming()) return { ...input, [payload.name]: request.stream() }
  if (payload) {
    const body = await request.body()
    if (body.length === 0) return input
    return { ...input, [payload.name]: await readPayload(format, payload.schema, body) }
  }
  if (bindings.body === undefined) return input
  const body = await request.body()
  return body.length === 0 ? input : { ...((await parse(format, bindings.body, body)) as object), ...input }
}

async function readPayload(format: RestFormat, schema: NormalizedSchema, body: Buffer): Promise<unknown> {
  if (schema.isBlobSchema()) return body
  return schema.isStringSchema() ? body.toString('utf8') : parse(format, schema, body)
}

async function parse(format: RestFormat, schema: NormalizedSchema, body: Buffer): Promise<unknown> {
  try {
    return await format.read(schema, body)
  } catch {
    throw new AwsError(
      format.malformedCode,
      'The body you provided is not well-formed or does not fit the operation.',
    )
  }
}

function encode(
  format: RestFormat,
  operation: Operation,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
  isS3: boolean,
): Answer {
  const bindings = bindingsOf(operation.output, 'output')
  const { headers, status } = writeBindings(bindings, output)
  const body = bodyOf(format, bindings, output)
  return {
    status: status ?? operation.http?.[2] ?? 200,
    headers: {
      ...identity(requestId, isS3),
      ...(body?.contentType ? { 'content-type': body.contentType } : {}),
      ...headers,
    },
    body: body?.bytes,
  }
}

function bodyOf(
  format: RestFormat,
  { payload, body }: Bindings,
  output: Readonly<Record<string, unknown>>,
): { bytes: Readable | Uint8Array | string; contentType?: string } | undefined {
  if (payload) {
    const value = output[payload.name]
    if (value === undefined || value === null) return undefined
    if (payload.schema.isBlobSchema() || payload.schema.isStringSchema()) {
      const raw = value instanceof Readable || value instanceof Uint8Array ? value : String(value)
      return {
        bytes: raw,
        contentType: payload.schema.isStringSchema() ? 'text/plain' : 'application/octet-stream',
      }
    }
    return { bytes: format.write(payload.schema, value), contentType: format.contentType }
  }
  return body ? { bytes: format.write(body, output), contentType: format.contentType } : undefined
}

const identity = (requestId: string, isS3: boolean): Record<string, string> =>
  isS3 ? { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId } : { 'x-amzn-requestid': requestId }
