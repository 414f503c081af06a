/**
 * The protocols of AWS's APIs: calls of real services, signed, whose input, body, headers and path are hostile. Each is
 * answered in time, and never by an error inside of the emulator.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc, { type GeneratorValue } from 'fast-check'
import type { ServiceApi } from '../../../packages/emulator/src/protocol/api.ts'
import { loadedModel, type Operation } from '../../../packages/emulator/src/protocol/service-model.ts'
import { testContext } from '../../../packages/emulator/src/protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../../packages/emulator/src/protocol/test-kit/protocol.test-kit.ts'
import { signedHeaders } from '../../../packages/emulator/src/protocol/test-kit/signing.test-kit.ts'
import type { Service } from '../../../packages/emulator/src/service.ts'
import { createEfs } from '../../../packages/emulator/src/services/efs/index.ts'
import { createLogs } from '../../../packages/emulator/src/services/logs/index.ts'
import { createRoute53 } from '../../../packages/emulator/src/services/route53/index.ts'
import { createS3 } from '../../../packages/emulator/src/services/s3/index.ts'
import { createSecretsManager } from '../../../packages/emulator/src/services/secretsmanager/index.ts'
import { createSns } from '../../../packages/emulator/src/services/sns/index.ts'
import { createSsm } from '../../../packages/emulator/src/services/ssm/index.ts'
import { createSts } from '../../../packages/emulator/src/services/sts/index.ts'
import { openStore } from '../../../packages/emulator/src/store.ts'
import { oneOf } from '../hostile.ts'
import { assertNothingLeaks, Finding, type Target } from '../target.ts'
import { type Call, callOf } from './wire-call.ts'

/** An answer of the emulator's own for an error that it did not expect. */
const internal = 'InternalFailure'

export const wireTarget: Target = {
  name: 'wire',
  deadlineMs: 10_000,
  casesPerRound: 300,
  async open() {
    const stateDir = await mkdtemp(join(tmpdir(), 'baton-fuzz-wire-'))
    const store = openStore(':memory:')
    const context = testContext({ stateDir, store })
    const services: readonly Service[] = [
      createS3(context),
      createRoute53(context),
      createEfs(context),
      createLogs(context),
      createSecretsManager(context),
      createSns(context),
      createSsm(context),
      createSts(context),
    ]
    for (const service of services) await service.start?.()
    const apis = services.flatMap(({ api }) => api ?? [])
    const operations = apis.flatMap((api) =>
      [...loadedModel(api).operations.values()]
        .filter(({ name }) => Object.hasOwn(api.operations, name))
        .map((operation): [ServiceApi, Operation] => [api, operation]),
    )
    let failure: unknown
    // As the SDK does: what the emulator does not read is not cut off with the connection.
    const agent = new Agent({ keepAlive: true })
    const wire = await serveForTest(apis, { log: (_message, error) => (failure = error) })
    return {
      async attempt(g: GeneratorValue, watch) {
        const [api, operation] = oneOf(g, operations)
        const call = callOf(g, { api, operation, host: `127.0.0.1:${wire.port}` })
        const headers =
          g(fc.nat, { max: 9 }) === 9 ? call.headers : signedHeaders({ ...call, service: api.signingName })
        watch.trying({
          operation: `${api.signingName}:${operation.name}`,
          ...call,
          body: call.body.toString('latin1'),
        })
        failure = undefined
        const { status, text } = await watch.underOthers(() => send(agent, wire.port, { ...call, headers }))
        assertNothingLeaks(text, [stateDir])
        if (failure !== undefined || text.includes(internal)) {
          const stack = failure instanceof Error ? failure.stack : String(failure)
          throw new Finding(
            `${api.signingName}:${operation.name} answers ${status} ${text.slice(0, 300)}\n${stack}`,
          )
        }
      },
      async [Symbol.asyncDispose]() {
        agent.destroy()
        await wire[Symbol.asyncDispose]()
        for (const service of services) await service.stop?.()
        store.close()
        await rm(stateDir, { recursive: true, force: true })
      },
    }
  },
}

function send(
  agent: Agent,
  port: number,
  { method, path, headers, body }: Call,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    // Node's client sends the body of a DELETE without its length otherwise.
    const framed = body.length === 0 ? headers : { ...headers, 'content-length': String(body.length) }
    const sent = request({ host: '127.0.0.1', port, method, path, headers: framed, agent })
    sent.on('error', reject)
    sent.on('response', (response: IncomingMessage) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('latin1') }),
      )
    })
    sent.end(body)
  })
}
