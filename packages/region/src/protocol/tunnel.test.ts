import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { request as requestTls } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createCertificateAuthority } from '../certificate-authority.ts'
import { openTunnels } from './tunnel.ts'

let port: number
let ca: string
const ends: (() => unknown)[] = []

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-tunnel-'))
  const authority = await createCertificateAuthority(folder)
  ca = authority.certificate
  const server = createServer()
  const close = openTunnels(server, authority, (incoming, response) => response.end(incoming.headers.host))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  ends.push(
    close,
    () => server.close(),
    () => rm(folder, { recursive: true }),
  )
})
after(async () => {
  for (const end of ends) await end()
})

const connect = (path: string) =>
  new Promise<{ status: number | undefined; socket: Socket }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: 'CONNECT', path, agent: false })
    sent.on('connect', (answer, socket: Socket) => resolve({ status: answer.statusCode, socket }))
    sent.on('error', reject)
    sent.end()
  })

test('answers for AWS’s host names, with certificates of the region’s authority', async () => {
  for (const host of ['codedeploy.ap-northeast-2.amazonaws.com', 'ecs.ap-northeast-2.api.aws']) {
    const { status, socket } = await connect(`${host}:443`)
    assert.equal(status, 200)
    const body = await new Promise<string>((resolve, reject) => {
      const sent = requestTls(
        { host, servername: host, socket, ca, agent: false, headers: { host } } as never,
        (answer) => {
          let text = ''
          answer.on('data', (part) => {
            text += part
          })
          answer.on('end', () => resolve(text))
        },
      )
      sent.on('error', reject)
      sent.end()
    })
    assert.equal(body, host)
    socket.destroy()
  }
})

test('leads nowhere else', async () => {
  for (const path of [
    'example.com:443',
    'evil-amazonaws.com:443',
    'ecs.ap-northeast-2.amazonaws.com:22',
    'x',
  ]) {
    const { status, socket } = await connect(path)
    assert.equal(status, 403)
    socket.destroy()
  }
})
