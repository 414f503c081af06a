/** Blobs over the registry protocol: read, and uploaded whole or in pieces. */
import { pipeline } from 'node:stream/promises'
import { byteRange } from '../../http/range.ts'
import { isDigest } from './model.ts'
import { OciError } from './oci-error.ts'
import type { DataPlane, RepositoryRequest } from './registry-request.ts'

export async function headBlob({ state, blobs }: DataPlane, exchange: RepositoryRequest): Promise<void> {
  const { request, response, repository, reference } = exchange
  state.repository(repository)
  const layer = isDigest(reference) ? state.layer(repository, reference) : undefined
  if (layer === undefined)
    throw new OciError(404, 'BLOB_UNKNOWN', 'The layer does not exist in this repository.')
  const range = byteRange(request.headers.range, layer.size)
  if (range === 'unsatisfiable') throw new OciError(416, 'SIZE_INVALID', `The layer has ${layer.size} bytes.`)
  const start = range?.start ?? 0
  const end = range?.end ?? layer.size - 1
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    'docker-content-digest': layer.digest,
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${start}-${end}/${layer.size}` }),
  })
  if (request.method === 'HEAD' || layer.size === 0) response.end()
  else await pipeline(blobs.stream(layer.digest, { start, end }), response)
}

export async function startUpload(plane: DataPlane, exchange: RepositoryRequest): Promise<void> {
  const { state, blobs } = plane
  const { url, repository } = exchange
  state.repository(repository)
  const mount = url.searchParams.get('mount')
  const from = url.searchParams.get('from')
  const mounted = mount !== null && from !== null ? state.layer(from, mount) : undefined
  if (mounted !== undefined) {
    state.addLayer(repository, mounted.digest, mounted.size)
    return created(exchange, mounted.digest)
  }
  const id = await blobs.begin(repository)
  // The whole blob with the first request, where the client offers it.
  if (url.searchParams.has('digest')) return finishUpload(plane, exchange, id)
  accepted(exchange, id, 0)
}

export async function upload(plane: DataPlane, exchange: RepositoryRequest): Promise<void> {
  const { blobs, state } = plane
  const { request, response, repository, reference: id } = exchange
  state.repository(repository)
  const received = await blobs.received(repository, id)
  if (received === undefined) throw new OciError(404, 'BLOB_UPLOAD_UNKNOWN', 'There is no such upload.')
  if (request.method === 'PUT') return finishUpload(plane, exchange, id)
  if (request.method === 'DELETE') {
    await blobs.cancel(repository, id)
    response.writeHead(204).end()
    return
  }
  if (request.method === 'GET') {
    response.writeHead(204, progress(repository, id, received)).end()
    return
  }
  const start = /^(?:bytes )?(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1]
  if (start !== undefined && Number(start) !== received) {
    const headers = progress(repository, id, received)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    throw new OciError(416, 'BLOB_UPLOAD_INVALID', `The next byte is ${received}, not ${start}.`)
  }
  accepted(exchange, id, await blobs.append(repository, id, request))
}

async function finishUpload(
  { state, blobs }: DataPlane,
  exchange: RepositoryRequest,
  id: string,
): Promise<void> {
  const { request, repository, url } = exchange
  const digest = url.searchParams.get('digest') ?? ''
  if (!isDigest(digest)) throw new OciError(400, 'DIGEST_INVALID', `"${digest}" is no digest.`)
  await blobs.append(repository, id, request)
  const blob = await blobs.finish(repository, id, digest)
  if (blob === undefined)
    throw new OciError(400, 'DIGEST_INVALID', `What was uploaded does not have the digest ${digest}.`)
  state.addLayer(repository, digest, blob.size)
  created(exchange, digest)
}

function created({ response, repository }: RepositoryRequest, digest: string): void {
  const location = `/v2/${repository}/blobs/${digest}`
  response.writeHead(201, { location, 'docker-content-digest': digest, 'content-length': 0 }).end()
}

function accepted({ response, repository }: RepositoryRequest, id: string, received: number): void {
  response.writeHead(202, { ...progress(repository, id, received), 'content-length': 0 }).end()
}

function progress(repository: string, id: string, received: number): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, received - 1)}`,
    'docker-upload-uuid': id,
  }
}
