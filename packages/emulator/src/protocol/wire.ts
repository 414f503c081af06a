/**
 * The emulator's API endpoint: one HTTP handler for all services. It finds the service by the credential scope
 * of the signature, the operation and its input by the SDK's schemas, the caller by its access key, and answers
 * in the service's protocol.
 *
 * Gaps: the signature (SigV4, SigV4A) is parsed but not verified, nor its date, nor a session token; an access
 * key is believed. Event streams and the CBOR protocol are refused by name. CRC-64/NVME checksums are refused.
 * By design: an operation that AWS has and the emulator has not answers `NotImplemented` (501) and names itself.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { AwsError, type Call, type OperationHandler, type Principal, type ServiceApi } from './api.ts'
import { credentialScope } from './credentials.ts'
import { createDispatch, type Served } from './dispatch.ts'
import type { Answer, Protocol } from './protocol.ts'
import { type WireRequest, wireRequest } from './request.ts'
import type { Operation } from './service-model.ts'
import { validate } from './validation.ts'

export interface WireOptions {
  readonly apis: readonly ServiceApi[]
  readonly accountId: string
  /** Emulator of calls whose signature names none. */
  readonly region: string
  /** Who an access key belongs to; undefined for a key that AWS does not know. Default: the account's root. */
  readonly principals?: (accessKeyId: string) => Principal | undefined
  /** Told of what went wrong inside of a handler. */
  readonly log?: (message: string, error: unknown) => void
  /** Told of every call that reached an operation, after it was answered. */
  readonly onCall?: (call: WireCall) => void
}

/** One answered call, for the record and, later, for the evaluation of policies. */
export interface WireCall {
  readonly service: string
  readonly operation: string
  readonly principal: Principal
  readonly region: string
  readonly requestId: string
  readonly input: Readonly<Record<string, unknown>>
  readonly status: number
  readonly errorCode: string | undefined
  readonly durationMs: number
}

/** Makes the handler; give it to `http.createServer`. It never throws. */
export function createWire(
  options: WireOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const dispatch = createDispatch(options.apis)
  return (raw, response) => {
    const requestId = randomUUID()
    serve(options, dispatch, wireRequest(raw), response, requestId).catch((error) => {
      options.log?.(`answering ${raw.method} ${raw.url} failed`, error)
      response.destroy()
    })
  }
}

async function serve(
  options: WireOptions,
  dispatch: ReturnType<typeof createDispatch>,
  request: WireRequest,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const { served, protocol, problem } = await dispatch(request)
  if (served === undefined) return send(response, request, protocol.encodeError(problem, requestId, request))
  const record: {
    input?: Record<string, unknown>
    operation?: string
    principal?: Principal
    errorCode?: string
  } = {}
  const startedAt = performance.now()
  const region = credentialScope(request)?.region ?? options.region
  let answer: Answer
  try {
    const principal = principalOf(options, request, protocol)
    record.principal = principal
    const raw = await served.api.raw?.(request.raw, response, {
      requestId,
      principal,
      region,
      request: request.raw,
    })
    if (raw) return
    const { operation, handler, input } = await accept(served, protocol, request)
    Object.assign(record, { operation: operation.name, input })
    const call: Call = { operation: operation.name, requestId, principal, region, request: request.raw }
    const output = await handler(input, call)
    answer = protocol.encode(operation, output ?? {}, requestId)
  } catch (thrown) {
    const error = asAwsError(thrown)
    if (error !== thrown)
      options.log?.(`${served.api.signingName} ${record.operation ?? request.path} failed`, thrown)
    record.errorCode = error.code
    answer = protocol.encodeError(error, requestId, request)
  }
  send(response, request, answer)
  if (record.operation === undefined || record.principal === undefined) return
  options.onCall?.({
    service: served.api.signingName,
    operation: record.operation,
    principal: record.principal,
    region,
    requestId,
    input: record.input ?? {},
    status: answer.status,
    errorCode: record.errorCode,
    durationMs: performance.now() - startedAt,
  })
}

async function accept(
  { api, model }: Served,
  protocol: Protocol,
  request: WireRequest,
): Promise<{ operation: Operation; handler: OperationHandler; input: Record<string, unknown> }> {
  const route = await protocol.route(request)
  const { operation, name } = route
  if (operation === undefined) {
    const { code, status } = protocol.unknownOperation
    throw new AwsError(code, `${api.signingName} has no operation ${name}.`, status)
  }
  const handler = api.operations[operation.name]
  if (handler === undefined) {
    const reason = api.refused?.[operation.name] ?? 'AWS has: it is not implemented here.'
    const message = `This emulator does not have ${api.signingName}:${operation.name}. ${reason}`
    throw new AwsError('NotImplemented', message, 501)
  }
  const input = await protocol.decode(route, operation, request)
  validate(operation, input, model, api)
  return { operation, handler, input }
}

/** Requests without a signature are anonymous: public objects, AssumeRoleWithWebIdentity. */
function principalOf(options: WireOptions, request: WireRequest, protocol: Protocol): Principal {
  const scope = credentialScope(request)
  if (scope === undefined) return { accessKeyId: '', arn: '*' }
  const root = { accessKeyId: scope.accessKeyId, arn: `arn:aws:iam::${options.accountId}:root` }
  const principal = options.principals ? options.principals(scope.accessKeyId) : root
  if (principal === undefined) {
    throw new AwsError(protocol.unknownCaller, 'The security token included in the request is invalid.', 403)
  }
  return principal
}

function asAwsError(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown
  return new AwsError(
    'InternalFailure',
    'The request failed because of an error inside of the emulator.',
    500,
  )
}

function send(response: ServerResponse, request: WireRequest, { status, headers, body }: Answer): void {
  // What the client still sends is of no use any more; reading it keeps the connection.
  request.raw.unpipe()
  request.raw.resume()
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (body instanceof Readable) {
    if (request.method === 'HEAD') body.destroy()
    else return void pipeline(body, response, () => {})
  }
  if (request.method === 'HEAD' || body instanceof Readable || body === undefined) return void response.end()
  if (!response.hasHeader('content-length')) response.setHeader('content-length', Buffer.byteLength(body))
  response.end(body)
}
