/** Manifests and tags over the registry protocol. */
import type { IncomingMessage } from 'node:http'
import { isDigest } from './model.ts'
import { OciError } from './oci-error.ts'
import type { DataPlane, RepositoryRequest } from './registry-request.ts'

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html has no figure; registries take 4 MiB. */
const maxManifestBytes = 4 * 2 ** 20

export async function manifest(plane: DataPlane, exchange: RepositoryRequest): Promise<void> {
  if (exchange.request.method === 'PUT') return putManifest(plane, exchange)
  const { response, repository, reference, request } = exchange
  const id = isDigest(reference) ? { imageDigest: reference } : { imageTag: reference }
  const found = plane.state.image(repository, id)
  if (found === undefined) throw new OciError(404, 'MANIFEST_UNKNOWN', 'Requested image not found')
  response.writeHead(200, {
    'content-type': found.mediaType,
    'content-length': Buffer.byteLength(found.text),
    'docker-content-digest': found.digest,
  })
  response.end(request.method === 'HEAD' ? undefined : found.text)
}

async function putManifest({ state }: DataPlane, exchange: RepositoryRequest): Promise<void> {
  const { request, response, repository, reference } = exchange
  const text = await readText(request)
  const byDigest = reference.includes(':')
  if (byDigest && !isDigest(reference))
    throw new OciError(400, 'DIGEST_INVALID', `"${reference}" is no digest.`)
  state.repository(repository)
  const put = () =>
    state.putManifest({
      repository,
      text,
      mediaType: request.headers['content-type'],
      ...(byDigest ? { digest: reference } : { tag: reference }),
    })
  const { image } = asManifestError(put)
  const location = `/v2/${repository}/manifests/${image.digest}`
  response.writeHead(201, { location, 'docker-content-digest': image.digest, 'content-length': 0 }).end()
}

/** What is wrong with the text itself is an `Error` without a code. */
function asManifestError<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && error.constructor === Error)
      throw new OciError(400, 'MANIFEST_INVALID', error.message)
    throw error
  }
}

export function listTags({ state }: DataPlane, { response, repository, url }: RepositoryRequest): void {
  const all = state
    .images(repository)
    .flatMap(({ tags }) => tags)
    .sort()
  const last = url.searchParams.get('last')
  const after = last === null ? all : all.filter((tag) => tag > last)
  const limit = Number(url.searchParams.get('n') ?? 1000)
  const tags = after.slice(0, limit)
  if (after.length > tags.length && tags.length > 0) {
    const next = new URLSearchParams({ n: String(limit), last: tags.at(-1) ?? '' })
    response.setHeader('link', `</v2/${repository}/tags/list?${next}>; rel="next"`)
  }
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ name: repository, tags }))
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > maxManifestBytes) throw new OciError(413, 'SIZE_INVALID', 'The manifest is larger than 4 MiB.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
