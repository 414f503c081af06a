// tsyringe, which @peculiar/x509 is built on, needs the reflection polyfill to be loaded first.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash, webcrypto } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { unzipSync } from 'fflate'
import { functionAsset, zip } from './assets.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-assets-'))
after(() => rmSync(folder, { recursive: true }))

const host = 'app-admin.keencho.com'

describe('a zip', () => {
  test('holds one file, readable by everyone, as other programs unpack it', () => {
    const content = Buffer.from('export const handler = 1\n')
    const packed = zip('index.mjs', content)
    assert.deepEqual(Object.keys(unzipSync(packed)), ['index.mjs'])
    assert.deepEqual(Buffer.from(unzipSync(packed)['index.mjs'] ?? []), content)
    const directory = packed.readUInt32LE(packed.length - 6)
    assert.equal(packed.readUInt32LE(directory + 38) >>> 16, 0o100644)
  })

  test('has the same bytes in every time zone', () => {
    const script = `
      import { zip } from ${JSON.stringify(join(import.meta.dirname, 'assets.ts'))}
      process.stdout.write(zip('index.mjs', Buffer.from('1')).toString('hex'))`
    const inZone = (TZ: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      })
    assert.equal(inZone('Asia/Seoul'), inZone('America/Los_Angeles'))
  })
})

describe('the smoke test', () => {
  test('requests the new tasks through the test listener and reports to CodeDeploy that they are healthy', async () => {
    const { answers, calls } = await rehearse((request) =>
      request.headers['x-origin-verify'] === 'secret' && request.headers.host === host ? 200 : 404,
    )
    assert.deepEqual(answers, [
      { deploymentId: 'd-1', lifecycleEventHookExecutionId: 'hook-1', status: 'Succeeded' },
    ])
    assert.deepEqual(new Set(calls), new Set(['/api/health']))
    assert.equal(calls.length, 5)
  })

  test('fails the deployment when the header cannot be read', async () => {
    const { answers } = await rehearse(() => 200, { parameter: undefined })
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['Failed'],
    )
  })
})

/** Runs the packed function in a process of its own, against a listener and AWS's endpoint on this machine. */
async function rehearse(
  answer: (request: IncomingMessage) => number,
  options: { parameter?: string | undefined } = { parameter: 'secret' },
) {
  const asset = await functionAsset('smoke-test')
  assert.equal(asset.hash, createHash('sha256').update(asset.content).digest('base64'))
  const start = 30 + asset.content.readUInt16LE(26)
  writeFileSync(
    join(folder, 'index.mjs'),
    asset.content.subarray(start, start + asset.content.readUInt32LE(18)),
  )

  const { key, cert } = await certificate()
  writeFileSync(join(folder, 'ca.pem'), cert)
  const calls: string[] = []
  const listener = createTlsServer({ key, cert }, (request, response) => {
    calls.push(request.url ?? '')
    response.writeHead(answer(request)).end()
  })
  const answers: { status: string }[] = []
  const api = createServer({ keepAliveTimeout: 75_000 }, async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    const target = String(request.headers['x-amz-target'])
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    if (target.endsWith('PutLifecycleEventHookExecutionStatus')) {
      answers.push(JSON.parse(body))
      response.end('{"lifecycleEventHookExecutionId":"hook-1"}')
    } else if (options.parameter === undefined) {
      response.writeHead(400).end('{"__type":"ParameterNotFound","message":"no"}')
    } else {
      response.end(JSON.stringify({ Parameter: { Name: 'x', Value: options.parameter } }))
    }
  })
  const port = async (server: typeof api | typeof listener) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const [listenerPort, apiPort] = [await port(listener), await port(api)]
  const code = `import { handler } from './index.mjs'
    await handler({ DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'hook-1' })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${apiPort}`,
      AWS_REGION: 'ap-northeast-2',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      TEST_LISTENER: `https://127.0.0.1:${listenerPort}`,
      HOST: host,
      HEALTH_PATH: '/api/health',
      ORIGIN_HEADER: 'x-origin-verify',
      ORIGIN_HEADER_PARAMETER: '/baton/x/origin-header/1',
    },
  })
  const status = await new Promise((resolve) => child.on('exit', resolve))
  listener.close()
  api.close()
  assert.equal(status, 0)
  return { answers, calls }
}

async function certificate(): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signed = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: signed.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  }
}
