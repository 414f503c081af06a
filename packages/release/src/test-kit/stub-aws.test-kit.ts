/**
 * An AWS of a few answers for this package's tests: a real server that the official clients speak to. A test says
 * what each operation answers; buckets and the KeyValueStore hold what was put into them. Nothing here behaves like
 * a platform; that is what the emulator is for.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { type ClientOptions, type Clients, createClients } from '../aws/clients.ts'

export type Json = Record<string, unknown>
export type Answer = (input: Json) => unknown

/** What AWS answers when it refuses. */
export class Fault extends Error {
  readonly status: number
  constructor(name: string, message: string, status = 400) {
    super(message)
    this.name = name
    this.status = status
  }
}

export interface StubAws {
  readonly clients: Clients
  /** For further clients of the same AWS. */
  readonly settings: ClientOptions & { readonly endpoint: string }
  /** Operations in the order in which they were called: `CreateDeployment`, `PutObject admin/index.html`. */
  readonly calls: readonly { readonly name: string; readonly input: Json }[]
  /** Account by bucket, for tests of buckets themselves; objects are accepted for any bucket. */
  readonly buckets: Map<string, string>
  /** Content of the bucket by key. */
  readonly objects: Map<string, string>
  /** Content of the KeyValueStore. */
  readonly keys: Map<string, string>
  /** Called before these keys of the store are written; may throw a `Fault`. */
  beforeUpdate: (keys: readonly string[]) => void
  /** Called before an object is written; the code with which S3 refuses it, once. */
  beforePut: (key: string) => string | undefined
  /** Called before a listing is answered. */
  beforeList: (prefix: string) => void
  /** Buckets of this account that the caller may not use. */
  readonly forbiddenBuckets: Set<string>
  /** Keys that S3 does not delete. */
  readonly undeletable: Set<string>
  inputsOf(name: string): Json[]
  on(answers: Readonly<Record<string, Answer>>): void
  close(): void
}

/** Keys on a page of a listing: few, so that tests have several pages. */
const pageSize = 3

export async function startStubAws(answers: Readonly<Record<string, Answer>> = {}): Promise<StubAws> {
  const known = new Map(Object.entries({ ...parameterHistory(), ...answers }))
  const calls: { name: string; input: Json }[] = []
  const buckets = new Map<string, string>()
  const objects = new Map<string, string>()
  const keys = new Map<string, string>()
  let version = 1

  const server = createServer({ keepAliveTimeout: 75_000 }, async (request, response) => {
    const body = await read(request)
    const send = (status: number, text: string, headers: Record<string, string> = {}) => {
      response.writeHead(status, headers).end(text)
    }
    try {
      const target = request.headers['x-amz-target']
      if (typeof target === 'string') {
        const name = target.split('.').at(-1) ?? ''
        const input: Json = JSON.parse(body.toString() || '{}')
        calls.push({ name, input })
        const answer = known.get(name)
        if (!answer) throw new Fault('UnknownOperationException', `the test says nothing of ${name}`)
        send(200, JSON.stringify(answer(input) ?? {}), { 'content-type': 'application/x-amz-json-1.1' })
      } else if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
        const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(body.toString()))
        calls.push({ name: Action, input })
        send(200, String(known.get(Action)?.(input)), { 'content-type': 'text/xml' })
      } else if (request.url?.startsWith('/key-value-stores/')) {
        const { text, etag } = keyValueStore(request, body)
        send(200, text, { 'content-type': 'application/json', etag })
      } else {
        const { status, text } = bucket(request, body)
        send(status, text, { 'content-type': 'application/xml', etag: '"0"' })
      }
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault('InternalFailure', String(error), 500)
      const type = { __type: fault.name, message: fault.message, Message: fault.message }
      send(fault.status, JSON.stringify(type), { 'x-amzn-errortype': fault.name })
    }
  })

  function keyValueStore(request: IncomingMessage, body: Buffer): { text: string; etag: string } {
    const [, , , , key] = (request.url ?? '').split('?')[0]?.split('/') ?? []
    const etag = String(version)
    if (key !== undefined) {
      calls.push({ name: 'GetKey', input: { Key: key } })
      const value = keys.get(decodeURIComponent(key))
      if (value === undefined) throw new Fault('ResourceNotFoundException', 'no such key', 404)
      return { text: JSON.stringify({ Key: key, Value: value, ItemCount: 1, TotalSizeInBytes: 1 }), etag }
    }
    if (request.method === 'GET') {
      calls.push({ name: 'DescribeKeyValueStore', input: {} })
      return { text: JSON.stringify({ ItemCount: 1, TotalSizeInBytes: 1, KvsARN: 'arn', Created: 0 }), etag }
    }
    const input: { Puts?: { Key: string; Value: string }[] } = JSON.parse(body.toString())
    calls.push({ name: 'UpdateKeys', input: { ...input, IfMatch: request.headers['if-match'] } })
    if (request.headers['if-match'] !== etag)
      throw new Fault('ConflictException', 'the store has changed', 409)
    stub.beforeUpdate((input.Puts ?? []).map(({ Key }) => Key))
    for (const { Key, Value } of input.Puts ?? []) keys.set(Key, Value)
    version++
    return { text: JSON.stringify({ ItemCount: 1, TotalSizeInBytes: 1 }), etag: String(version) }
  }

  function bucket(request: IncomingMessage, body: Buffer): { status: number; text: string } {
    const url = new URL(request.url ?? '', 'http://localhost')
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
    const ofBucket =
      ['HEAD', 'PUT', 'DELETE'].includes(request.method ?? '') || url.searchParams.has('versions')
    if (key === '' && (ofBucket || url.pathname === '/')) return bucketItself(request, url)
    if (request.method === 'PUT') {
      calls.push({ name: `PutObject ${key}`, input: {} })
      const refusal = stub.beforePut(key)
      if (refusal !== undefined) return refused(503, refusal)
      if (request.headers['if-none-match'] === '*' && objects.has(key))
        return refused(412, 'PreconditionFailed')
      objects.set(key, body.toString())
      return { status: 200, text: '' }
    }
    if (request.method === 'POST' && url.searchParams.has('delete')) {
      const gone = [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => match[1] ?? '')
      calls.push({ name: 'DeleteObjects', input: { keys: gone } })
      const kept = gone.filter((each) => stub.undeletable.has(each))
      for (const each of gone) if (!kept.includes(each)) objects.delete(each)
      const errors = kept.map((each) => `<Error><Key>${each}</Key><Code>AccessDenied</Code></Error>`).join('')
      return { status: 200, text: `<DeleteResult>${errors}</DeleteResult>` }
    }
    if (url.searchParams.get('list-type') === '2') return { status: 200, text: list(url.searchParams) }
    const text = objects.get(key)
    if (text !== undefined) return { status: 200, text }
    return refused(404, 'NoSuchKey')
  }

  /** Calls on a bucket itself. Like S3, any caller is admitted that the bucket's policy admits: here every one. */
  function bucketItself(request: IncomingMessage, url: URL): { status: number; text: string } {
    const name = url.pathname.split('/')[1] ?? ''
    const byMethod = { HEAD: 'HeadBucket', PUT: 'CreateBucket', DELETE: 'DeleteBucket' }
    const listing = url.searchParams.has('versions') ? 'ListObjectVersions' : undefined
    const called = listing ?? byMethod[request.method as keyof typeof byMethod] ?? 'ListBuckets'
    const expectedOwner = request.headers['x-amz-expected-bucket-owner']
    calls.push({ name: called, input: { name, expectedOwner } })
    const account = '123456789012'
    if (called === 'ListBuckets') {
      const own = [...buckets].filter(([, owner]) => owner === account)
      const listed = own.map(([bucket]) => `<Bucket><Name>${bucket}</Name></Bucket>`).join('')
      return {
        status: 200,
        text: `<ListAllMyBucketsResult><Buckets>${listed}</Buckets></ListAllMyBucketsResult>`,
      }
    }
    if (called === 'CreateBucket') {
      if ((buckets.get(name) ?? account) !== account) return refused(409, 'BucketAlreadyExists')
      buckets.set(name, account)
    }
    const owner = buckets.get(name)
    if (owner === undefined) return refused(404, 'NoSuchBucket')
    if (expectedOwner !== undefined && expectedOwner !== owner) return refused(403, 'AccessDenied')
    if (stub.forbiddenBuckets.has(name)) return refused(403, 'AccessDenied')
    if (called === 'DeleteBucket') buckets.delete(name)
    return { status: 200, text: called === 'ListObjectVersions' ? '<ListVersionsResult/>' : '' }
  }

  const refused = (status: number, code: string) => ({
    status,
    text: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  })

  function list(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? ''
    stub.beforeList(prefix)
    const from = query.get('continuation-token') ?? ''
    const matching = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > from).toSorted()
    const page = matching.slice(0, pageSize)
    const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')
    const more = matching.length > pageSize
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stub has no port')
  const settings = {
    region: 'ap-northeast-2',
    endpoint: `http://localhost:${address.port}`,
    credentials: { accessKeyId: 'stub', secretAccessKey: 'stub' },
  }
  const clients = createClients(settings)
  const stub: StubAws = {
    clients,
    settings,
    calls,
    buckets,
    objects,
    keys,
    beforeUpdate: () => undefined,
    beforePut: () => undefined,
    beforeList: () => undefined,
    undeletable: new Set(),
    forbiddenBuckets: new Set(),
    inputsOf: (name) => calls.filter((call) => call.name === name).map((call) => call.input),
    on(more) {
      for (const [name, answer] of Object.entries(more)) known.set(name, answer)
    },
    close() {
      clients.close()
      server.closeAllConnections()
      server.close()
    },
  }
  return stub
}

/** The versions of parameters, which hold the records of releases; a test says what `GetParameter` answers. */
function parameterHistory(): Readonly<Record<string, Answer>> {
  const versions = new Map<string, { Value: unknown; Version: number; LastModifiedDate: number }[]>()
  return {
    PutParameter({ Name, Value }) {
      const known = versions.get(String(Name)) ?? []
      const Version = (known.at(-1)?.Version ?? 0) + 1
      versions.set(
        String(Name),
        [...known, { Value, Version, LastModifiedDate: Date.now() / 1000 }].slice(-100),
      )
      return { Version }
    },
    GetParameterHistory({ Name, NextToken }) {
      const all = versions.get(String(Name))
      if (!all) throw new Fault('ParameterNotFound', 'no such parameter')
      const from = Number(NextToken ?? 0)
      const more = all.length > from + 50
      return { Parameters: all.slice(from, from + 50), ...(more ? { NextToken: String(from + 50) } : {}) }
    },
    GetParametersByPath: ({ Path }) => ({
      Parameters: [...versions.keys()]
        .filter((name) => name.startsWith(`${Path}/`))
        .slice(0, 10)
        .map((Name) => ({ Name })),
    }),
    DeleteParameters({ Names }) {
      for (const name of Names as string[]) versions.delete(name)
      return { DeletedParameters: Names }
    },
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export const md5 = (text: string) => createHash('md5').update(text).digest('hex')
