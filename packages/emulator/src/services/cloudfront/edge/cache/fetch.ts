/**
 * From a request to an answer: the cache, the origin behind it, and what holds between them (revalidation, expired
 * objects that stand in for a failing origin, one fetch for many requests that wait).
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 */

import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Clock } from '../../../../clock.ts'
import type { Distribution } from '../../model/distribution.ts'
import { errorPage } from '../message/error-page.ts'
import { type EdgeAnswer, type EdgeRequest, first, maxBufferedBytes } from '../message/messages.ts'
import type { Origins, ViewerStream } from '../origin/origins.ts'
import { acceptedEncodings, type Route } from '../viewer/route.ts'
import type { Cache, Entry } from './cache.ts'
import { compress } from './compression.ts'
import { defaultErrorTtlSeconds, freshnessMs } from './freshness.ts'

export interface Fetcher {
  /** The answer for a request, from the cache or from the route's origin. */
  fetch(
    distribution: Distribution,
    route: Route,
    request: EdgeRequest,
    viewer: ViewerStream,
  ): Promise<EdgeAnswer>
}

export function createFetcher(cache: Cache, origins: Origins, clock: Clock): Fetcher {
  /** Fetches that other requests wait for, by cache key. */
  const running = new Map<string, Promise<unknown>>()

  async function fetch(
    distribution: Distribution,
    route: Route,
    request: EdgeRequest,
    viewer: ViewerStream,
  ): Promise<EdgeAnswer> {
    const ask = () => origins.ask(distribution, route, request, viewer)
    const cacheable = route.caches && (request.method === 'GET' || request.method === 'HEAD')
    if (!cacheable) return prepared(route, request, await ask())
    const key = route.cacheKey(request)
    const entry = cache.get(key)
    if (entry !== undefined && entry.freshUntil > clock.now()) return hit(entry, clock.now())
    if (request.method === 'HEAD') return ask()

    const fetching = running.get(key)
    if (fetching !== undefined) {
      // "Collapse": other requests for the same object wait for it (request collapsing); where it cannot be cached, each
      // goes on alone.
      await fetching
      const fetched = cache.get(key)
      if (fetched !== undefined && fetched.freshUntil > clock.now()) return hit(fetched, clock.now())
      return prepared(route, request, await ask())
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    running.set(key, promise)
    try {
      return await refresh(distribution, route, request, viewer, key, entry)
    } finally {
      running.delete(key)
      resolve()
    }
  }

  async function refresh(
    distribution: Distribution,
    route: Route,
    request: EdgeRequest,
    viewer: ViewerStream,
    key: string,
    stale: Entry | undefined,
  ): Promise<EdgeAnswer> {
    const generation = cache.generation(distribution.id)
    const errorTtlSeconds = (status: number) =>
      distribution.config.customErrors.find(({ errorCode }) => errorCode === status)?.cachingMinTtlSeconds ??
      defaultErrorTtlSeconds
    const lifetime = (answer: Pick<EdgeAnswer, 'status' | 'headers'>) =>
      freshnessMs(answer.status, answer.headers, {
        policy: route.policies.cache,
        errorTtlSeconds: errorTtlSeconds(answer.status),
        toReal: clock.toReal,
        now: clock.now(),
      })

    const etag = stale === undefined ? undefined : first(stale.headers, 'etag')?.replace(/^W\//, '')
    const answer = await origins.ask(distribution, route, request, viewer, etag)
    if (stale !== undefined && answer.status === 304) {
      drop(answer.body)
      stale.freshUntil =
        clock.now() + lifetime({ status: stale.status, headers: { ...stale.headers, ...validity(answer) } })
      stale.storedAt = clock.now()
      return { ...hit(stale, clock.now()), result: 'RefreshHit' }
    }
    if (stale !== undefined && stale.status < 400 && answer.status >= 500) {
      // "CloudFront returns the object from the edge cache even though it expired" (HTTPStatusCodes).
      drop(answer.body)
      stale.freshUntil = clock.now() + clock.toReal(errorTtlSeconds(answer.status) * 1000)
      return hit(stale, clock.now())
    }
    const freshMs = lifetime(answer)
    if (freshMs <= 0) return prepared(route, request, answer)
    const whole = await readWhole(answer)
    if (whole === undefined) return answer
    const ready = await compress(whole, accepted(route, request))
    const now = clock.now()
    const entry: Entry = {
      distributionId: distribution.id,
      path: request.path,
      query: request.query,
      status: ready.status,
      headers: ready.headers,
      body: ready.body,
      storedAt: now,
      freshUntil: now + freshMs,
    }
    cache.put(key, entry, generation)
    return ready
  }

  return { fetch }
}

/** An answer that is not kept: compressed all the same if it is here as a whole. */
async function prepared(route: Route, request: EdgeRequest, answer: EdgeAnswer): Promise<EdgeAnswer> {
  const { body } = answer
  return Buffer.isBuffer(body) ? compress({ ...answer, body }, accepted(route, request)) : answer
}

function accepted(route: Route, request: EdgeRequest): string {
  return route.behavior.compress ? acceptedEncodings(request, route.policies.cache) : ''
}

function hit(entry: Entry, now: number): EdgeAnswer {
  const age = Math.max(0, Math.floor((now - entry.storedAt) / 1000))
  return {
    status: entry.status,
    headers: { ...entry.headers, age: String(age) },
    body: entry.body,
    result: entry.status >= 400 ? 'Error' : 'Hit',
  }
}

/** The answer with its body read; undefined if it is too large to keep (then its body is untouched). */
async function readWhole(answer: EdgeAnswer): Promise<(EdgeAnswer & { body: Buffer }) | undefined> {
  const { body, headers } = answer
  if (body === undefined) return { ...answer, body: Buffer.alloc(0) }
  if (Buffer.isBuffer(body)) return { ...answer, body }
  const length = first(headers, 'content-length')
  if (length === undefined || Number(length) > maxBufferedBytes) return undefined
  try {
    return { ...answer, body: await buffer(body) }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const failed = errorPage(502, `the origin broke off its answer: ${detail}`)
    return { ...failed, body: failed.body as Buffer }
  }
}

/** What a 304 says about the stored answer (RFC 9111, 4.3.4). */
function validity({ headers }: EdgeAnswer) {
  const update: Record<string, string | string[]> = {}
  for (const name of ['cache-control', 'expires', 'date']) {
    const value = headers[name]
    if (value !== undefined) update[name] = value
  }
  return update
}

function drop(body: Buffer | Readable | undefined): void {
  if (body === undefined || Buffer.isBuffer(body)) return
  // A body that is not read would hold its connection.
  body.on('error', () => {})
  body.resume()
}
