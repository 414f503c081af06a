/** Numbers and dates that are none: refused in each protocol, or, for the dates of conditions, left out of account. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as efs from '@aws-sdk/client-efs'
import * as s3 from '@aws-sdk/client-s3'
import * as sts from '@aws-sdk/client-sts'
import type { ServiceApi } from './api.ts'
import { serveForTest, type TestWire } from './test-kit/protocol.test-kit.ts'
import { signedHeaders } from './test-kit/signing.test-kit.ts'

const apis: ServiceApi[] = [
  {
    signingName: 's3',
    protocol: 'rest-xml',
    sdk: s3,
    operations: {
      ListObjectsV2: () => ({}),
      GetObject: ({ IfModifiedSince }) => ({ Body: Buffer.from(String(IfModifiedSince)) }),
    },
  },
  {
    signingName: 'elasticfilesystem',
    protocol: 'rest-json',
    sdk: efs,
    operations: { DescribeFileSystems: () => ({}) },
  },
  { signingName: 'sts', protocol: 'query', sdk: sts, operations: { GetSessionToken: () => ({}) } },
]

let wire: TestWire
before(async () => {
  wire = await serveForTest(apis)
})
after(() => wire[Symbol.asyncDispose]())

async function ask(service: string, path: string, more: Record<string, string> = {}) {
  const headers = signedHeaders({
    method: 'GET',
    path,
    headers: { host: new URL(wire.endpoint).host, ...more },
    service,
  })
  const answer = await fetch(`${wire.endpoint}${path}`, { headers })
  return { status: answer.status, text: await answer.text() }
}

test('S3 refuses a number in the query that is none', async () => {
  const { status, text } = await ask('s3', '/bucket?list-type=2&max-keys=many')
  assert.equal(status, 400)
  assert.match(text, /<Code>InvalidArgument<\/Code><Message>The value of MaxKeys/)
})

test('REST-JSON refuses a number in the query that is none', async () => {
  const { status, text } = await ask('elasticfilesystem', '/2015-02-01/file-systems?MaxItems=many')
  assert.equal(status, 400)
  assert.match(text, /The value of MaxItems/)
})

test('Query refuses a number that is none', async () => {
  const path = '/?Action=GetSessionToken&Version=2011-06-15&DurationSeconds=long'
  const { status, text } = await ask('sts', path)
  assert.equal(status, 400)
  assert.match(text, /<Code>MalformedInput<\/Code><Message>The value of DurationSeconds/)
})

// https://www.rfc-editor.org/rfc/rfc9110#section-13.1.3
test('a date of a condition that is none is left out of account', async () => {
  const { status, text } = await ask('s3', '/bucket/key', { 'if-modified-since': 'never' })
  assert.deepEqual({ status, text }, { status: 200, text: 'undefined' })
})
