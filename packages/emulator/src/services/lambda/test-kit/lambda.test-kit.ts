/** For tests: Lambda over a real socket, with functions made through Terraform's resources and what they log at hand. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-lambda'
import { zipSync } from 'fflate'
import { createCertificateAuthority } from '../../../certificate-authority.ts'
import { systemClock } from '../../../clock.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../../protocol/test-kit/protocol.test-kit.ts'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { createLambda, type LambdaDependencies } from '../index.ts'

export async function startLambda({
  speed = 100,
  ...own
}: { speed?: number } & Pick<LambdaDependencies, 'initTimeoutMs'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-lambda-'))
  const stateDir = join(folder, 'state')
  mkdirSync(stateDir)
  const context = testContext({
    stateDir,
    clock: systemClock(speed),
    authority: await createCertificateAuthority(stateDir),
  })
  const log: { group: string; message: string }[] = []
  const make = () =>
    createLambda(context, {
      logs: {
        name: 'logs',
        deliveriesOf: () => [],
        put(group, _stream, events) {
          for (const { message } of events) log.push({ group, message })
          return true
        },
      },
      apiUrl: () => 'http://127.0.0.1:1/',
      credentials: (role) => ({ accessKeyId: `ASIA-${role}`, secretAccessKey: 's', sessionToken: 't' }),
      ...own,
    })
  let lambda = make()
  const wire = await serveForTest(lambda.api === undefined ? [] : [lambda.api])
  const client = new sdk.LambdaClient(wire.client)
  const apply = () => ({
    address: 'aws_lambda_function.test',
    region: context.region,
    accountId: context.accountId,
    folder,
    signal: new AbortController().signal,
  })
  const type = (name: string): ResourceType => {
    const found = lambda.resourceTypes?.find((one) => one.type === name)
    if (found === undefined) throw new Error(`there is no resource type ${name}`)
    return found
  }
  return {
    folder,
    context,
    client,
    log,
    apply,
    type,
    get lambda() {
      return lambda
    },
    async create(name: string, source: string, changes: Attributes = {}): Promise<Attributes> {
      const files = { 'index.mjs': new TextEncoder().encode(source) }
      writeFileSync(join(folder, `${name}.zip`), zipSync(files))
      const planned = {
        function_name: name,
        filename: `${name}.zip`,
        handler: 'index.handler',
        runtime: 'nodejs22.x',
        role: 'arn:role',
        // A busy machine may need longer than AWS's default of 3 s.
        timeout: 60,
        environment: [{ variables: { GREETING: 'hello' } }],
        ...changes,
      }
      return type('aws_lambda_function').create(planned, apply())
    },
    async call(name: string, event: unknown = {}) {
      const answer = await client.send(
        new sdk.InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: 'Tail' }),
      )
      return {
        result: JSON.parse(Buffer.from(answer.Payload ?? []).toString()),
        error: answer.FunctionError,
        tail: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
      }
    },
    /** Lambda stops and starts; later calls go to it directly, not over the socket. */
    async restart() {
      await lambda.stop?.()
      lambda = make()
      await lambda.start?.()
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await lambda.stop?.()
      await wire[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
