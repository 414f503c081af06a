/**
 * The emulator's API endpoint: one HTTP handler for all services. It finds the service by the credential scope
 * of the signature, the operation and its input by the SDK's schemas, the caller by its access key, and answers
 * in the service's protocol.
 *
 * Signatures are verified (signature/verify.ts). Without one, a service admits only what it says (`anonymous`).
 *
 * Gaps: event streams are refused by name.
 * By design: an operation that AWS has and the emulator has not answers `NotImplemented` (501) and names itself.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { AwsError } from '../aws-error.ts'
import type { Call, OperationHandler, ServiceApi } from './api.ts'
import { createDispatch, type Served } from './dispatch.ts'
import type { Answer, Protocol } from './protocol.ts'
import { type WireRequest, wireRequest } from './request.ts'
import { s3Address } from './s3-address.ts'
import type { Operation } from './service-model.ts'
import { credentialScope } from './signature/scope.ts'
import type { Principal } from './signature/verify.ts'
import { type FindCredentials, verifyCaller } from './signature/verify.ts'
import { validate } from './validation.ts'

export interface WireOptions {
  readonly apis: readonly ServiceApi[]
  readonly accountId: string
  /** Emulator of calls whose signature names none. */
  readonly region: string
  /** The secret and the owner of an access key; undefined for a key that AWS does not know. */
  readonly credentials: FindCredentials
  /** The wall clock in milliseconds; signatures are held against it at every speed. */
  readonly now?: () => number
  /** Called with what went wrong inside of a handler. */
  readonly log?: (message: string, error: unknown) => void
  /** Called for every call that reached an operation, after it was answered. */
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
  request.bodyBytesMax = served.api.bodyBytesMax ?? request.bodyBytesMax
  const cors = corsOf(served.api, request)
  if (request.method === 'OPTIONS' && cors !== undefined) {
    return send(response, request, preflight(cors, protocol, requestId, request))
  }
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
    const caller = await verifyCaller(request, {
      service: served.api.signingName,
      find: options.credentials,
      errors: protocol.callerErrors,
      now: options.now?.() ?? Date.now(),
    })
    if (caller === undefined && !served.api.anonymous) throw protocol.callerErrors.missing()
    const { operation, handler, input } = await accept(served, protocol, request)
    const principal = caller ?? anonymous(served.api, protocol, operation, input)
    Object.assign(record, { operation: operation.name, input, principal })
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
  send(response, request, { ...answer, headers: { ...answer.headers, ...cors?.headers } })
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

interface Cors {
  /** Undefined where no rule of the bucket admits the page. */
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** Undefined for a request that no page of another origin sends, or of a service without such rules. */
function corsOf(api: ServiceApi, request: WireRequest): Cors | undefined {
  const origin = request.header('origin')
  if (api.cors === undefined || origin === undefined) return undefined
  const bucket = bucketOf(request)
  if (bucket === undefined) return undefined
  const isPreflight = request.method === 'OPTIONS'
  const asked = isPreflight ? request.header('access-control-request-headers') : undefined
  return {
    headers: api.cors(
      {
        origin,
        method: (isPreflight ? request.header('access-control-request-method') : undefined) ?? request.method,
        headers: (asked ?? '')
          .toLowerCase()
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      },
      bucket,
    ),
  }
}

/** Undefined for an address that cannot be read, too: the operation is refused for it. */
function bucketOf(request: WireRequest): string | undefined {
  try {
    return s3Address(request.host, request.path).bucket
  } catch (error) {
    if (error instanceof AwsError) return undefined
    throw error
  }
}

function preflight({ headers }: Cors, protocol: Protocol, requestId: string, request: WireRequest): Answer {
  if (headers !== undefined) return { status: 200, headers }
  const message = 'CORSResponse: This CORS request is not allowed.'
  return protocol.encodeError(new AwsError('AccessForbidden', message, 403), requestId, request)
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

/** A caller without a signature: for public objects, AssumeRoleWithWebIdentity. */
function anonymous(
  api: ServiceApi,
  protocol: Protocol,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
): Principal {
  if (api.anonymous?.(operation.name, input)) return { accessKeyId: '', arn: '*' }
  throw protocol.callerErrors.missing()
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
  // Nothing reads a body whose reader failed: the next request on the connection would wait behind it.
  if (request.raw.destroyed && !request.raw.complete) response.setHeader('connection', 'close')
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
