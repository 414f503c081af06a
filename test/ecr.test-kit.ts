/** ECR as a test meets it: the service behind its API and its registry protocol, on a socket and a folder of its own. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-ecr'
import { type Image, imageFromFolder } from '@baton/image'
import { testContext } from '../packages/emulator/src/protocol/test-kit/context.test-kit.ts'
import {
  findTestCredentials,
  testCredentials,
} from '../packages/emulator/src/protocol/test-kit/protocol.test-kit.ts'
import { createWire } from '../packages/emulator/src/protocol/wire.ts'
import type { Ecr } from '../packages/emulator/src/services/ecr/contract.ts'
import { createEcr } from '../packages/emulator/src/services/ecr/index.ts'
import { openStore } from '../packages/emulator/src/store.ts'

/** Where the registry protocol is spoken, and as whom. */
export interface Login {
  readonly endpoint: string
  readonly username: string
  readonly password: string
}

export interface Served extends AsyncDisposable {
  readonly ecr: Ecr
  readonly client: sdk.ECRClient
  readonly endpoint: string
  readonly folder: string
  /** Credentials for the registry protocol. */
  login(): Promise<Login>
  /** An image of one small file, and of the file that it holds. */
  image(content: string): Promise<Image>
}

export async function served(stateDir?: string): Promise<Served> {
  const folder = stateDir ?? (await mkdtemp(join(tmpdir(), 'baton-ecr-')))
  const store = openStore(join(folder, 'emulator.sqlite'))
  let endpoint = ''
  const ecr = createEcr(testContext({ stateDir: folder, store }), { proxyEndpoint: () => endpoint })
  assert.ok(ecr.api)
  const wire = createWire({
    apis: [ecr.api],
    accountId: '000000000000',
    region: 'ap-northeast-2',
    credentials: findTestCredentials,
  })
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    if (!ecr.serve(request, response)) wire(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = testCredentials
  const client = new sdk.ECRClient({ region: 'ap-northeast-2', endpoint, credentials, maxAttempts: 1 })
  await ecr.start?.()
  return {
    ecr,
    client,
    endpoint,
    folder,
    login: () => login(client),
    async image(content) {
      const source = await mkdtemp(join(folder, 'source-'))
      await writeFile(join(source, 'server.js'), content)
      const cacheDir = join(folder, 'cache')
      return imageFromFolder({
        folder: source,
        command: ['node', 'server.js'],
        architecture: 'arm64',
        cacheDir,
      })
    },
    async [Symbol.asyncDispose]() {
      await ecr.stop?.()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      store.close()
      if (stateDir === undefined) await rm(folder, { recursive: true })
    },
  }
}

export async function login(client: sdk.ECRClient): Promise<Login> {
  const { authorizationData = [] } = await client.send(new sdk.GetAuthorizationTokenCommand())
  const { authorizationToken = '', proxyEndpoint = '' } = authorizationData[0] ?? {}
  const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString().split(':')
  return { endpoint: proxyEndpoint, username, password }
}

/** Makes a repository. */
export const create = (
  client: sdk.ECRClient,
  repositoryName: string,
  imageTagMutability: 'MUTABLE' | 'IMMUTABLE' = 'MUTABLE',
) => client.send(new sdk.CreateRepositoryCommand({ repositoryName, imageTagMutability }))
/** The registry's name in references to images. */
export const uri = '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com'
