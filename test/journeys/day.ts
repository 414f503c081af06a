/**
 * A day with the platform: one place, one emulator in it, and those who ask it as users do. What `status` said when it
 * was last started is `emulator`.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { join } from 'node:path'
import type { Endpoints } from '../../packages/emulator/src/client/index.ts'
import { type Ended, openWorkspace, type Workspace } from './workspace.ts'

export const scope = { name: 'keencho-production', domain: 'keencho.com' }
export const [adminHost, userHost] = ['app-admin.keencho.com', 'app-user.keencho.com']

export interface Status {
  readonly endpoints: Endpoints
  readonly pid: number
  readonly caFile: string
  readonly services: readonly {
    name: string
    version?: string
    runningCount: number
    taskDefinition: string
  }[]
  readonly sites: readonly { name: string; version?: string; url: string }[]
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Day {
  readonly workspace: Workspace
  readonly config: string
  /** Where the emulator listens, and its authority: as `status` said when it was last started. */
  emulator: Pick<Status, 'endpoints' | 'caFile'>
  baton(...args: string[]): Promise<Ended>
  status(): Promise<Status>
  /** What an AWS client needs: the endpoint, and the credentials where the README says they are. */
  clientSettings(): {
    region: string
    endpoint: string
    credentials: { accessKeyId: string; secretAccessKey: string }
    forcePathStyle: boolean
  }
  /** By the real host name, as `curl --cacert … --resolve …` asks. */
  visit(path: string, host?: string): Promise<Answer>
  /** By the comfortable door for browsers. */
  post(path: string, body: unknown): Promise<Answer>
}

export function beginDay(): Day {
  const workspace = openWorkspace()
  const config = workspace.configure()
  return {
    workspace,
    config,
    emulator: { endpoints: { api: '', http: '', https: '', dns: '' }, caFile: '' },
    baton: (...args) => workspace.run('--config', config, ...args),
    async status() {
      const { code, stdout, stderr } = await this.baton('--json', 'status')
      assert.equal(code, 0, stderr)
      return JSON.parse(stdout)
    },
    clientSettings() {
      const file = join(workspace.stateDir, 'emulator', 'emulator.json')
      const { credentials } = JSON.parse(readFileSync(file, 'utf8'))
      return {
        region: 'ap-northeast-2',
        endpoint: this.emulator.endpoints.api,
        credentials,
        forcePathStyle: true,
      }
    },
    visit(path, host = adminHost) {
      const { endpoints, caFile } = this.emulator
      const { port } = new URL(endpoints.https)
      const ca = readFileSync(caFile)
      return answer((done) =>
        httpsGet(
          { host: '127.0.0.1', port, path, servername: host, headers: { host }, ca, agent: false },
          done,
        ),
      )
    },
    post(path, body) {
      const { port } = new URL(this.emulator.endpoints.http)
      const text = JSON.stringify(body)
      const headers = {
        host: `${adminHost}.localhost:${port}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }
      return answer((done) =>
        httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false }, done).end(text),
      )
    },
  }
}

function answer(send: (done: (message: IncomingMessage) => void) => ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send((message) => {
      let body = ''
      message.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      message.once('end', () => resolve({ status: message.statusCode ?? 0, headers: message.headers, body }))
    }).once('error', reject)
  })
}

export const versionsOf = ({ services, sites }: Status) => ({
  services: Object.fromEntries(services.map(({ name, version }) => [name, version])),
  sites: Object.fromEntries(sites.map(({ name, version }) => [name, version])),
})
