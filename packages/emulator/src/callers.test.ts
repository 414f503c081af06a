/**
 * Who may command a running emulator: its process, its real ports, and callers that do not hold its secrets. What a page
 * in a browser, another user of this machine or a rebound name can send reaches nothing.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs'
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type Emulator, startEmulator } from './client/index.ts'

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

describe('an emulator that runs', () => {
  let dir: string
  let emulator: Emulator
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-callers-'))
    emulator = await startEmulator({ stateDir: join(dir, 'emulator') })
  })
  after(async () => {
    await emulator.stop()
    await rm(dir, { recursive: true })
  })

  function send(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ) {
    const { hostname, port } = new URL(emulator.endpoints.api)
    const { method = 'GET', headers = {}, body } = options
    return new Promise<Answer>((resolve, reject) => {
      httpRequest(
        { host: '127.0.0.1', port, path, method, headers: { host: `${hostname}:${port}`, ...headers } },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (part) => {
            text += part
          })
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }))
        },
      )
        .on('error', reject)
        .end(body)
    })
  }
  const runTask =
    '/?Action=RunTask&Version=2014-11-13&cluster=c&taskDefinition=t&overrides.containerOverrides.member.1.command.member.1=id'

  test('no page of another origin reaches an operation: form, link, image, fetch', async () => {
    const cross = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const answers = await Promise.all([
      send('/', { method: 'POST', headers: { ...cross, ...form }, body: runTask.slice(2) }),
      send(runTask, { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } }),
      send(runTask, { headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' } }),
      send(runTask, { headers: { origin: 'null' } }),
      send('/_baton/status', { headers: cross }),
      send('/v2/', { headers: cross }),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403, 403, 403, 403, 403],
    )
    for (const { headers } of answers) assert.equal(headers['access-control-allow-origin'], undefined)
  })

  test('no unsigned call reaches an operation, though no browser sent it', async () => {
    for (const path of [runTask, '/?Action=GetSecretValue&Version=2017-10-17&SecretId=x', '/bucket/key']) {
      const { status, text } = await send(path)
      assert.equal(status, 403, path)
      assert.match(text, /MissingAuthenticationToken|AccessDenied/)
    }
  })

  test('a rebound name reads nothing, on either part of the port', async () => {
    for (const path of ['/', '/_baton/status', '/v2/', runTask]) {
      assert.equal((await send(path, { headers: { host: 'evil.example' } })).status, 421, path)
    }
  })

  test('the control API demands its token', async () => {
    assert.equal((await send('/_baton/status')).status, 401)
    assert.equal((await send('/_baton/status', { headers: { authorization: 'Bearer wrong' } })).status, 401)
    const stop = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    assert.equal((await send('/_baton/stop', stop)).status, 401)
    const authorization = `Bearer ${emulator.controlToken}`
    const status = await send('/_baton/status', { headers: { authorization } })
    assert.equal(status.status, 200)
    // An answer is shown and logged more easily than a file.
    for (const secret of [emulator.controlToken, ...Object.values(emulator.credentials)])
      assert.equal(status.text.includes(secret), false)
    // Reading must not cost the emulator a full collection of its memory.
    assert.equal((await send('/_baton/memory', { headers: { authorization } })).status, 404)
    assert.ok((await emulator.memory()).heapUsed > 0)
  })

  test('its own credentials serve; the same key with another secret does not', async () => {
    const settings = emulator.clientSettings()
    assert.match(settings.credentials.accessKeyId, /^AKIA[A-Z2-7]{16}$/)
    await new ECSClient(settings).send(new ListClustersCommand({}))
    const forged = { ...settings, credentials: { ...settings.credentials, secretAccessKey: 'guessed' } }
    await assert.rejects(new STSClient(forged).send(new GetCallerIdentityCommand({})), {
      name: 'SignatureDoesNotMatch',
    })
  })

  test('credentials are another in every state directory, and the same after a restart', async () => {
    const first = { credentials: emulator.credentials, controlToken: emulator.controlToken }
    await emulator.stop()
    emulator = await startEmulator({ stateDir: join(dir, 'emulator') })
    assert.deepEqual({ credentials: emulator.credentials, controlToken: emulator.controlToken }, first)
    const other = await startEmulator({ stateDir: join(dir, 'other') })
    try {
      assert.notEqual(other.credentials.secretAccessKey, first.credentials.secretAccessKey)
      assert.notEqual(other.credentials.accessKeyId, first.credentials.accessKeyId)
      assert.notEqual(other.controlToken, first.controlToken)
    } finally {
      await other.stop()
    }
  })

  test('an object is public only where its bucket says so, and a page sees it only by the bucket’s rules', async () => {
    const s3 = new S3Client({ ...emulator.clientSettings(), forcePathStyle: true })
    await s3.send(new CreateBucketCommand({ Bucket: 'open' }))
    await s3.send(new PutObjectCommand({ Bucket: 'open', Key: 'public/a.txt', Body: 'hello' }))
    assert.equal((await send('/open/public/a.txt')).status, 403)
    const Statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::open/public/*',
    }
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'open', Policy: JSON.stringify({ Statement }) }))
    assert.equal((await send('/open/public/a.txt')).text, 'hello')
    assert.equal((await send('/open/other.txt')).status, 403)
    assert.equal((await send('/open/public/a.txt', { method: 'DELETE' })).status, 403)
  })
})
