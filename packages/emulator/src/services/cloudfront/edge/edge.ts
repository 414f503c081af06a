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
import type { Functions } from './function/functions.ts'
import { errorPage } from './message/error-page.ts'
import { discardBody, type EdgeAnswer, type EdgeRequest, type Headers } from './message/messages.ts'
import { applyResponseHeaders } from './message/response-headers.ts'
import type { ViewerStream } from './origin/origins.ts'
import { sendAnswer } from './send.ts'
import { refuse, refuseMalformed } from './viewer/admission.ts'
import { viewerConnections } from './viewer/connections.ts'
import type { Route } from './viewer/route.ts'

export interface EdgeDependencies {
  readonly distribution: Distribution
  readonly routes: readonly Route[]
  /** Whether a host is one of the distribution's names. */
  readonly serves: (host: string) => boolean
  readonly certificate: (serverName: string) => { key: string; cert: string } | undefined
  readonly functions: Functions
  readonly fetcher: Fetcher
  /** Begins the record of a request; undefined where nothing records it. */
  readonly recorder?: (
    request: EdgeRequest,
    incoming: IncomingMessage,
    response: ServerResponse,
  ) => RequestRecord | undefined
  /** Called with what should not have happened. */
  readonly failed: (error: unknown) => void
}

/** What the access log gets of a request besides what is on the wire. */
export interface RequestRecord {
  answered(answer: EdgeAnswer): void
}

export function createEdge(edge: EdgeDependencies): HttpEndpoint {
  const { distribution } = edge
  return {
    certificate: edge.certificate,
    connections: viewerConnections,
    handle(incoming, response, viewer) {
      const request = readRequest(incoming, viewer)
      const record = edge.recorder?.(request, incoming, response)
      const stream = { body: incoming, signal: abandonedSignal(incoming, response) }
      serve(edge, request, incoming, stream)
        .catch((error) => {
          edge.failed(error)
          return errorPage(500, 'Internal error of the edge. The log of the emulator has its cause.')
        })
        .then((answer) => {
          // The viewer has left, or was answered already because the rest of its request did not come.
          if (response.destroyed || response.headersSent) return discardBody(answer.body)
          record?.answered(answer)
          sendAnswer(response, request, answer, distribution.domainName)
        })
        // A header that a function or an origin made and HTTP does not allow: nothing can be sent any more.
        .catch(() => response.destroy())
    },
  }
}

/** The way of a request, in CloudFront's order. */
async function serve(
  edge: EdgeDependencies,
  viewerRequest: EdgeRequest,
  incoming: IncomingMessage,
  stream: ViewerStream,
): Promise<EdgeAnswer> {
  const { distribution, functions } = edge
  if (!edge.serves(viewerRequest.host)) {
    return errorPage(
      403,
      `Bad request. ${viewerRequest.host} is no alternate domain name of this distribution.`,
    )
  }
  const route = routeOf(edge, viewerRequest.path)
  const refused = refuseMalformed(incoming) ?? refuse(distribution.config, route, viewerRequest)
  if (refused !== undefined) return refused

  const viewed = await functions.viewerRequest(distribution, route, viewerRequest)
  const answer =
    'answer' in viewed
      ? viewed.answer
      : await fetchOrErrorPage(edge, route, withRootObject(distribution, viewed.request), stream)
  const headers = { ...answer.headers }
  const { responseHeaders } = route.policies
  if (responseHeaders !== undefined) applyResponseHeaders(responseHeaders, viewerRequest, headers)
  return functions.viewerResponse(distribution, route, viewerRequest, { ...answer, headers })
}

function routeOf({ routes }: EdgeDependencies, path: string): Route {
  const route = routes.find(({ matches }) => matches(path))
  if (route === undefined) throw new Error('invariant: the default behaviour matches every path')
  return route
}

/** Custom error responses hold for the whole distribution, whatever behaviour the error came from. */
async function fetchOrErrorPage(
  edge: EdgeDependencies,
  route: Route,
  request: EdgeRequest,
  stream: ViewerStream,
): Promise<EdgeAnswer> {
  const { distribution, fetcher } = edge
  const answer = await fetcher.fetch(distribution, route, request, stream)
  const custom = distribution.config.customErrors.find(({ errorCode }) => errorCode === answer.status)
  if (custom?.responsePagePath === undefined) return answer
  const path = custom.responsePagePath
  const pageRequest: EdgeRequest = { ...request, method: 'GET', path, query: '' }
  const page = await fetcher.fetch(distribution, routeOf(edge, path), pageRequest, stream)
  if (page.status >= 400) {
    discardBody(page.body)
    return answer
  }
  discardBody(answer.body)
  return { ...page, status: custom.responseCode ?? answer.status, result: 'Error' }
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
