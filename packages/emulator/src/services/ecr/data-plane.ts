/**
 * The registry itself: the OCI distribution protocol below `/v2/`, for any client that pushes and pulls images.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError } from '../../aws-error.ts'
import { headBlob, startUpload, upload } from './data-plane-blobs.ts'
import { listTags, manifest } from './data-plane-manifests.ts'
import { OciError } from './oci-error.ts'
import type { DataPlane, RepositoryRequest } from './registry-request.ts'

type Handler = (plane: DataPlane, exchange: RepositoryRequest) => void | Promise<void>

const routes: readonly [methods: readonly string[], pattern: RegExp, handle: Handler][] = [
  [['GET'], /^\/v2\/(.+)\/tags\/list$/, listTags],
  [['GET', 'HEAD', 'PUT'], /^\/v2\/(.+)\/manifests\/([^/]+)$/, manifest],
  [['POST'], /^\/v2\/(.+)\/blobs\/uploads\/?$/, startUpload],
  [['GET', 'PATCH', 'PUT', 'DELETE'], /^\/v2\/(.+)\/blobs\/uploads\/([0-9a-f-]{36})$/, upload],
  [['GET', 'HEAD'], /^\/v2\/(.+)\/blobs\/([^/]+)$/, headBlob],
]

/** A handler for requests of the API's address: true when the request was the registry's and is being answered. */
export function createDataPlane(
  plane: DataPlane,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry')
    if (url.pathname !== '/v2' && !url.pathname.startsWith('/v2/')) return false
    answer(plane, request, response, url).catch((error) => refuse(request, response, error))
    return true
  }
}

async function answer(
  plane: DataPlane,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0')
  const granted = plane.authorization.check(request.headers.authorization)
  if (granted === 'expired')
    throw new OciError(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.')
  if (granted === 'unknown') {
    response.setHeader(
      'www-authenticate',
      `Basic realm="${plane.proxyEndpoint()}/",service="ecr.amazonaws.com"`,
    )
    throw new OciError(401, 'UNAUTHORIZED', 'authentication required')
  }
  if (/^\/v2\/?$/.test(url.pathname)) {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    return
  }
  for (const [methods, pattern, handle] of routes) {
    const [, repository, reference = ''] = pattern.exec(url.pathname) ?? []
    if (repository === undefined) continue
    // Deleting goes through the API, as with ECR.
    if (!methods.includes(request.method ?? ''))
      throw new OciError(405, 'UNSUPPORTED', 'The operation is unsupported.')
    await handle(plane, { request, response, url, repository, reference: decodeURIComponent(reference) })
    return
  }
  throw new OciError(404, 'UNSUPPORTED', `There is no ${url.pathname} in this registry.`)
}

/** Codes of the API in the words of the registry protocol. */
const codes: Readonly<Record<string, readonly [status: number, code: string]>> = {
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageNotFoundException: [404, 'MANIFEST_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  ImageDigestDoesNotMatchException: [400, 'DIGEST_INVALID'],
  LayersNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  InvalidParameterException: [400, 'TAG_INVALID'],
}

function refuse(request: IncomingMessage, response: ServerResponse, error: Error): void {
  const [status, code] =
    error instanceof OciError
      ? [error.status, error.code]
      : (error instanceof AwsError && codes[error.code]) || [500, 'UNKNOWN']
  if (response.headersSent) {
    response.destroy(error)
    return
  }
  // What was sent and not read would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  const body = JSON.stringify({ errors: [{ code, message: error.message }] })
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(request.method === 'HEAD' ? undefined : body)
}
