/**
 * A request and its answer through the load balancer: sent to its target once, streamed back as it comes. Bodies
 * wait where the other side does; nothing is collected.
 */
import { request as httpRequest, type IncomingMessage, type ClientRequest as TargetRequest } from 'node:http'
import type { Viewer } from '../../../../http/endpoint.ts'
import type { EmulatorContext } from '../../../../service.ts'
import type { Admission, Forward } from '../admission/admission.ts'
import { send } from '../message/answers.ts'
import { DrainingOver, failureOf, lostOnClosedConnection } from '../message/failures.ts'
import { headerName } from '../message/header-names.ts'
import { answerHeaders, clientHeaders, headerSettings, targetHeaders, traceId } from '../message/headers.ts'
import { type ClientRequest, type ClientResponse, cut } from '../message/messages.ts'
import type { RequestMetrics } from '../message/request-metrics.ts'
import type { Responder } from '../message/responder.ts'
import { setsCookie } from '../routing/stickiness.ts'
import { ConnectionTimeout } from '../target/connections.ts'

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const maxAnswerHeaders = 32 * 1024

export interface RequestProxy {
  /** Takes a request through, whatever becomes of it. */
  handle(listenerArn: string, request: ClientRequest, response: ClientResponse, viewer: Viewer): void
  /** The target of a request; undefined where it was answered without one, or comes behind the last one of its connection. */
  admit(
    listenerArn: string,
    request: ClientRequest,
    response: ClientResponse,
    viewer: Viewer,
  ): Forward | undefined
  /** The request to the target, with its headers; the caller sends the body and ends it. */
  request(forward: Forward, request: ClientRequest, upgrade: boolean): TargetRequest
  /** Passes on what the target answers to a request that left at `started`, by `performance.now()`. */
  relay(exchange: Exchange, upstream: TargetRequest, answered: IncomingMessage, started: number): void
  readonly responder: Responder
}

/** A request that has a target, and its answer. */
export interface Exchange {
  readonly forward: Forward
  readonly request: ClientRequest
  readonly response: ClientResponse
}

export function createProxy(options: {
  context: EmulatorContext
  admission: Admission
  responder: Responder
  metrics: RequestMetrics
}): RequestProxy {
  const { context, admission, responder, metrics } = options
  // Trace ids need to be unique, not secret: random once, counted then.
  const run = context.ids.hex('', 16)
  let count = 0
  /** Connections of clients that end with the request under way: what came behind it is not read. */
  const ending = new WeakSet<object>()

  function admit(
    listenerArn: string,
    request: ClientRequest,
    response: ClientResponse,
    viewer: Viewer,
  ): Forward | undefined {
    if (ending.has(request.socket)) return undefined
    const place = admission.placeOf(listenerArn)
    if (!place) {
      send(response, { status: 503 })
      return undefined
    }
    const decision = admission.decide(place, request, viewer)
    const { closeAfter } = 'answer' in decision ? decision : decision.forward
    if (closeAfter) {
      response.shouldKeepAlive = false
      if (request.httpVersionMajor < 2) ending.add(request.socket)
    }
    if ('forward' in decision) return decision.forward
    responder.answer(place, response, decision.answer)
    return undefined
  }

  function startRequest(forward: Forward, request: ClientRequest, upgrade: boolean): TargetRequest {
    const { target, loadBalancer, viewer, host, path, headersSize, closeAfter: close } = forward
    const received = request.headers['x-amzn-trace-id']
    const unique = run + (++count % 0x1_0000_0000).toString(16).padStart(8, '0')
    const trace = traceId(received, headersSize, context.clock.now(), unique)
    const settings = headerSettings(loadBalancer.settings)
    return httpRequest({
      agent: target.connections,
      method: request.method,
      path,
      headers: targetHeaders(request, settings, { viewer, host, traceId: trace, upgrade, close }),
      maxHeaderSize: maxAnswerHeaders,
    })
  }

  function handle(
    listenerArn: string,
    request: ClientRequest,
    response: ClientResponse,
    viewer: Viewer,
  ): void {
    const forward = admit(listenerArn, request, response, viewer)
    if (!forward) return
    const { target } = forward
    const idleMs = target.connections.takeClosedByTarget()
    if (idleMs !== undefined) {
      responder.fail(forward, response, lostOnClosedConnection(idleMs))
      return
    }
    const started = performance.now()
    const upstream = startRequest(forward, request, false)
    const inFlight = { cut: () => upstream.destroy(new DrainingOver()) }
    target.inFlight.add(inFlight)
    response.on('close', () => {
      target.inFlight.delete(inFlight)
      if (response.writableFinished) {
        // Answered without the target because the rest of the request did not come, or was not HTTP.
        if (!request.complete) upstream.destroy()
        return
      }
      upstream.destroy()
      if (!response.headersSent) responder.abandoned(forward, request)
    })
    upstream.on('error', (error) => {
      if (response.destroyed || response.writableEnded) return
      // Nothing came from the target because its client takes nothing: that is no failure of the target.
      if (error instanceof ConnectionTimeout && response.writableNeedDrain) return cut(response)
      discardBody(request, upstream)
      responder.fail(forward, response, failureOf(error, upstream.reusedSocket))
    })
    upstream.on('upgrade', (_answered, socket) => {
      socket.destroy()
      discardBody(request, upstream)
      responder.fail(forward, response, {
        status: 502,
        reason: 'the target changed the protocol without being asked',
      })
    })
    let continued = false
    upstream.on('continue', () => {
      continued = true
      // HTTP/1.0 knows no such answer, and one that has begun cannot have another in it.
      const can = request.httpVersionMajor > 1 || request.httpVersionMinor > 0
      if (can && !response.headersSent && !response.destroyed) response.writeContinue()
    })
    upstream.on('response', (answered) => {
      // A client that waits for 100 and gets something else may send its body or not: the connection is of no more use.
      if (request.headers.expect !== undefined && !continued) response.shouldKeepAlive = false
      relay({ forward, request, response }, upstream, answered, started)
    })
    sendBody(request, upstream)
  }

  function relay(
    { forward, request, response }: Exchange,
    upstream: TargetRequest,
    answered: IncomingMessage,
    started: number,
  ): void {
    const { choice, listener, target, loadBalancer } = forward
    const seconds = (performance.now() - started) / 1000
    metrics.targetAnswer(loadBalancer.arn, target.targetGroupArn, answered.statusCode ?? 0, seconds)
    const { ifAppSets } = choice
    const cookies =
      ifAppSets && setsCookie(answered.rawHeaders, ifAppSets.name)
        ? [...choice.cookies, ...ifAppSets.cookies]
        : choice.cookies
    try {
      response.writeHead(
        answered.statusCode ?? 502,
        answered.statusMessage ?? '',
        clientHeaders(answered.rawHeaders, cookies, answerHeaders(listener)),
      )
    } catch (error) {
      upstream.destroy()
      const detail = { error: String(error) }
      responder.fail(forward, response, {
        status: 502,
        reason: 'the target sent headers that are not valid',
        detail,
      })
      return
    }
    answered.on('error', (error) => {
      if (response.destroyed || response.writableEnded) return
      responder.fail(forward, response, {
        ...failureOf(error, true),
        reason: 'the target broke off its answer',
      })
    })
    answered.on('end', () => {
      if (answered.rawTrailers.length > 0) response.addTrailers(trailers(answered.rawTrailers))
      response.end()
      // It answered before it had the whole request: what is still to come is read and dropped.
      if (!request.complete) discardBody(request, upstream)
    })
    answered.pipe(response, { end: false })
  }

  return { handle, admit, request: startRequest, relay, responder }
}

function sendBody(request: ClientRequest, upstream: TargetRequest): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (length === undefined && encoding === undefined) {
    upstream.end()
    return
  }
  let begun = false
  request.once('data', () => {
    begun = true
  })
  // With the first of the body, if there is some: a client may want an answer before it sends any.
  setImmediate(() => begun || upstream.flushHeaders())
  request.on('error', () => upstream.destroy())
  request.on('end', () => {
    if (!request.complete) return void upstream.destroy()
    if (request.rawTrailers.length > 0) upstream.addTrailers(trailers(request.rawTrailers))
    upstream.end()
  })
  request.pipe(upstream, { end: false })
}

/** Reads to the end what the client still sends, so that its connection can go on. */
function discardBody(request: ClientRequest, upstream: TargetRequest): void {
  request.unpipe(upstream)
  request.resume()
  upstream.destroy()
}

/** Without those that say how a message is to be read: none may come once it has been (RFC 9110, 6.5.1). */
function trailers(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = flat[index] ?? ''
    const { kind, lower } = headerName(name)
    if (kind === 'other' && !framing.has(lower)) found.push([name, flat[index + 1] ?? ''])
  }
  return found
}

const framing = new Set(['content-encoding', 'content-length', 'content-type', 'te', 'trailer'])
