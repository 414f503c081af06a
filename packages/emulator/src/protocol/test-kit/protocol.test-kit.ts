/** For tests: serves a few operations over a real socket, and the client configuration that reaches them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceApi } from '../api.ts'
import type { FindCredentials } from '../signature/verify.ts'
import { createWire, type WireCall, type WireOptions } from '../wire.ts'

/** The access key of tests, and whose it is: the account's root. */
export const testCredentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }

export const findTestCredentials: FindCredentials = (accessKeyId) =>
  accessKeyId === testCredentials.accessKeyId
    ? {
        principal: { accessKeyId, arn: 'arn:aws:iam::000000000000:root' },
        secretAccessKey: testCredentials.secretAccessKey,
      }
    : undefined

export interface TestWire extends AsyncDisposable {
  readonly port: number
  readonly endpoint: string
  /** Calls in the order in which they were answered. */
  readonly calls: readonly WireCall[]
  /** For any client of the SDK. */
  readonly client: {
    readonly region: string
    readonly endpoint: string
    readonly maxAttempts: number
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
}

export async function serveForTest(
  apis: readonly ServiceApi[],
  options: Partial<Omit<WireOptions, 'apis'>> = {},
): Promise<TestWire> {
  const calls: WireCall[] = []
  const wire = createWire({
    accountId: '000000000000',
    region: 'ap-northeast-2',
    credentials: findTestCredentials,
    ...options,
    apis,
    onCall: (call) => calls.push(call),
  })
  // Longer than a test lets a connection rest: Node's own five seconds would end some just as they are used again.
  const server = createServer({ keepAliveTimeout: 75_000 }, wire)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}`
  return {
    port,
    endpoint,
    calls,
    client: {
      region: 'ap-northeast-2',
      endpoint,
      maxAttempts: 1,
      credentials: testCredentials,
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
