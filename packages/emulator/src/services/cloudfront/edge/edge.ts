/**
 * One distribution at the edge: from a viewer's request to the answer, in CloudFront's order: behaviour, admission,
 * viewer-request function, cache and origin, error page, response headers, viewer-response function. A path that a
 * function rewrites chooses no other behaviour.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpEndpoint, Viewer } from '../../../http/endpoint.ts'
import { hostName } from '../../../http/host.ts'
import { absoluteForm } from '../../../http/request-target.ts'
import type { Distribution } from '../model/distribution.ts'
import type { Fetcher } from './cache/fetch.ts'
import {
  InvalidFunctionResult,
  readRequestResult,
  readResponseResult,
  requestEvent,
  responseEvent,
} from './function/event.ts'
import type { EdgeFunction } from './function/runtime.ts'
import { errorPage } from './message/error-page.ts'
import { discardBody, type EdgeAnswer, type EdgeRequest, type Headers } from './message/messages.ts'
import { applyResponseHeaders } from './message/response-headers.ts'
import type { CustomOrigins } from './origin/custom-origin.ts'
import { forwardsHost, originHeaders } from './origin/origin-headers.ts'
import { fetchFromBucket, type S3Reader } from './origin/s3-origin.ts'
import { sendAnswer } from './send.ts'
import { countryOf, refuse, refuseMalformed } from './viewer/admission.ts'
import { viewerConnections } from './viewer/connections.ts'
import type { Route } from './viewer/route.ts'

export interface EdgeDependencies {
  readonly distribution: Distribution
  readonly routes: readonly Route[]
  readonly fetcher: Fetcher
  readonly customOrigins: CustomOrigins
  /** Whether a host is one of the distribution's names. */
  readonly serves: (host: string) => boolean
  readonly bucketOf: (domainName: string) => string | undefined
  readonly s3Reader: (route: Route) => S3Reader
  readonly functionOf: (arn: string) => EdgeFunction | undefined
  /** Called with what should not have happened. */
  readonly failed: (error: unknown) => void
  /** Called for a function that threw or returned an invalid value. */
  readonly functionFailed: (arn: string, error: unknown) => void
  readonly certificate: (serverName: string) => { key: string; cert: string } | undefined
}

export function createEdge(edge: EdgeDependencies): HttpEndpoint {
  const { distribution } = edge
  return {
    certificate: edge.certificate,
    connections: viewerConnections,
    handle(incoming, response, viewer) {
      const request = readRequest(incoming, viewer)
      serve(edge, request, incoming, response)
        .catch((error) => {
          edge.failed(error)
          return errorPage(500, 'Internal error of the edge. The log of the emulator has its cause.')
        })
        .then((answer) => {
          // The viewer has left, or was answered already because the rest of its request did not come.
          if (response.destroyed || response.headersSent) return discardBody(answer.body)
          sendAnswer(response, request, answer, distribution.domainName)
        })
        // A header that a function or an origin made and HTTP does not allow: nothing can be sent any more.
        .catch(() => response.destroy())
    },
  }
}

async function serve(
  edge: EdgeDependencies,
  viewerRequest: EdgeRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<EdgeAnswer> {
  const { distribution } = edge
  if (!edge.serves(viewerRequest.host)) {
    return errorPage(
      403,
      `Bad request. ${viewerRequest.host} is no alternate domain name of this distribution.`,
    )
  }
  const malformed = refuseMalformed(incoming)
  if (malformed !== undefined) return malformed
  const route = edge.routes.find(({ matches }) => matches(viewerRequest.path))
  if (route === undefined) throw new Error('the default behaviour matches every path')
  const refused = refuse(distribution.config, route, viewerRequest)
  if (refused !== undefined) return refused

  const viewed = await runViewerRequest(edge, route, viewerRequest)
  const answer =
    'answer' in viewed
      ? viewed.answer
      : await withErrorPage(edge, route, withRootObject(distribution, viewed.request), incoming, response)
  const headers = { ...answer.headers }
  const { responseHeaders } = route.policies
  if (responseHeaders !== undefined) applyResponseHeaders(responseHeaders, viewerRequest, headers)
  return runViewerResponse(edge, route, viewerRequest, { ...answer, headers })
}

async function runViewerRequest(edge: EdgeDependencies, route: Route, request: EdgeRequest) {
  const arn = route.behavior.viewerRequestFunctionArn
  if (arn === undefined) return { request }
  try {
    const event = requestEvent(edge.distribution, request, 'viewer-request')
    return readRequestResult(await runnable(edge, arn).run(event), request, event.request)
  } catch (error) {
    return { answer: functionError(edge, arn, error) }
  }
}

/** "Viewer-response functions do not run for origin status ≥ 400" (edge functions restrictions). */
async function runViewerResponse(
  edge: EdgeDependencies,
  route: Route,
  request: EdgeRequest,
  answer: EdgeAnswer,
): Promise<EdgeAnswer> {
  const arn = route.behavior.viewerResponseFunctionArn
  if (arn === undefined || answer.status >= 400) return answer
  try {
    const result = await runnable(edge, arn).run(responseEvent(edge.distribution, request, answer))
    return readResponseResult(result, answer)
  } catch (error) {
    discardBody(answer.body)
    return functionError(edge, arn, error)
  }
}

function runnable(edge: EdgeDependencies, arn: string): EdgeFunction {
  const found = edge.functionOf(arn)
  if (found === undefined) throw new Error(`the function ${arn} does not exist or is not published`)
  return found
}

function functionError(edge: EdgeDependencies, arn: string, error: unknown): EdgeAnswer {
  edge.functionFailed(arn, error)
  return error instanceof InvalidFunctionResult
    ? errorPage(502, 'The CloudFront function returned an invalid value.', 'FunctionValidationError')
    : errorPage(
        503,
        'The CloudFront function associated with the CloudFront distribution is invalid or could not run.',
        'FunctionExecutionError',
      )
}

/** Custom error responses hold for the whole distribution, whatever behaviour the error came from. */
async function withErrorPage(
  edge: EdgeDependencies,
  route: Route,
  request: EdgeRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<EdgeAnswer> {
  const answer = await ask(edge, route, request, incoming, response)
  const custom = edge.distribution.config.customErrors.find(({ errorCode }) => errorCode === answer.status)
  if (custom?.responsePagePath === undefined) return answer
  const pagePath = custom.responsePagePath
  const pageRoute = edge.routes.find(({ matches }) => matches(pagePath)) ?? route
  const pageRequest: EdgeRequest = { ...request, method: 'GET', path: pagePath, query: '' }
  const page = await ask(edge, pageRoute, pageRequest, incoming, response)
  if (page.status >= 400) {
    discardBody(page.body)
    return answer
  }
  discardBody(answer.body)
  return { ...page, status: custom.responseCode ?? answer.status, result: 'Error' }
}

function ask(
  edge: EdgeDependencies,
  route: Route,
  request: EdgeRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<EdgeAnswer> {
  return edge.fetcher.fetch(edge.distribution, route, request, (target, wanted, ifNoneMatch) =>
    askOrigin(edge, target, wanted, incoming, response, ifNoneMatch),
  )
}

function askOrigin(
  edge: EdgeDependencies,
  route: Route,
  request: EdgeRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  ifNoneMatch: string | undefined,
): Promise<EdgeAnswer> | EdgeAnswer {
  const { origin } = route
  if (origin.custom === undefined) {
    const bucket = edge.bucketOf(origin.domainName)
    if (bucket === undefined) return errorPage(502, `The bucket behind ${origin.domainName} does not exist.`)
    return fetchFromBucket(edge.s3Reader(route), bucket, origin, request, ifNoneMatch)
  }
  const { distribution } = edge
  const { protocolPolicy } = origin.custom
  const query = route.originQuery(request.query)
  const country = countryOf(distribution.config.geo, request.viewerAddress)
  const headers = originHeaders(route, distribution, request, country)
  // The edge revalidates with its own ETag, whatever the viewer has.
  if (ifNoneMatch !== undefined) headers.push('if-none-match', ifNoneMatch)
  const length = request.headers['content-length']
  const hasBody =
    (length !== undefined && length !== '0') || request.headers['transfer-encoding'] !== undefined
  return edge.customOrigins.fetch(origin, origin.custom, {
    method: request.method,
    target: `${origin.path}${request.path}${query === '' ? '' : `?${query}`}`,
    headers,
    serverName: forwardsHost(route) ? request.host : origin.domainName,
    scheme:
      protocolPolicy === 'match-viewer' ? request.scheme : protocolPolicy === 'http-only' ? 'http' : 'https',
    body: hasBody ? incoming : undefined,
    signal: abandonedSignal(incoming, response),
  })
}

/** Aborts when the viewer left before its answer had ended, or was answered before its request had. */
function abandonedSignal(incoming: IncomingMessage, response: ServerResponse): AbortSignal {
  const abandoned = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished || !incoming.complete) abandoned.abort()
  })
  return abandoned.signal
}

/** For the root itself only, never for folders below (DefaultRootObject). */
function withRootObject({ config }: Distribution, request: EdgeRequest): EdgeRequest {
  return request.path === '/' && config.defaultRootObject !== ''
    ? { ...request, path: `/${config.defaultRootObject}` }
    : request
}

/** Random enough to find a request again; asking the system for each one costs more than the rest of reading it. */
let randomPool = randomBytes(0)
let poolAt = 0
function requestId(): string {
  if (poolAt + 39 > randomPool.length) {
    randomPool = randomBytes(39 * 256)
    poolAt = 0
  }
  poolAt += 39
  return `${randomPool.toString('base64url', poolAt - 39, poolAt)}==`
}

function readRequest(incoming: IncomingMessage, viewer: Viewer): EdgeRequest {
  const sent = incoming.url ?? '/'
  const absolute = sent.startsWith('/') ? undefined : absoluteForm(sent)
  const url = absolute?.target ?? sent
  if (absolute !== undefined) incoming.headers.host = absolute.authority
  const at = url.indexOf('?')
  return {
    id: requestId(),
    method: incoming.method ?? 'GET',
    path: at === -1 ? url : url.slice(0, at),
    query: at === -1 ? '' : url.slice(at + 1),
    headers: incoming.headers as Headers,
    host: hostName(incoming.headers.host),
    scheme: viewer.scheme,
    viewerAddress: viewer.address,
  }
}
