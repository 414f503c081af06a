/** For tests: whether a service has decided on every operation of AWS, and how it refuses what it has not. */
import assert from 'node:assert/strict'
import type { ServiceApi } from '../api.ts'
import { loadedModel } from '../service-model.ts'
import type { TestWire } from './protocol.test-kit.ts'
import { signedHeaders } from './signing.test-kit.ts'

/** Fails for an operation of the SDK that is neither served nor refused with a reason, or both. */
export function assertDecided(api: ServiceApi): void {
  const names = [...loadedModel(api).operations.keys()]
  const refused = api.refused ?? {}
  const undecided = names.filter((name) => name in api.operations === name in refused)
  assert.deepEqual(undecided, [], 'operations that are neither served nor refused, or both')
  assert.deepEqual(
    Object.keys(refused).filter((name) => !names.includes(name)),
    [],
    'refused, and not of AWS',
  )
}

/** Calls every operation that the service refuses, and expects its name and the reason. */
export async function assertRefuses(wire: TestWire, api: ServiceApi): Promise<void> {
  const { target, version } = loadedModel(api)
  const query = api.protocol === 'query'
  for (const [name, reason] of Object.entries(api.refused ?? {})) {
    const body = query ? `Action=${name}&Version=${version}` : '{}'
    const headers = {
      host: new URL(wire.endpoint).host,
      'content-type': query ? 'application/x-www-form-urlencoded' : 'application/x-amz-json-1.1',
      ...(query ? {} : { 'x-amz-target': `${target}.${name}` }),
    }
    const signed = signedHeaders({ method: 'POST', path: '/', headers, body, service: api.signingName })
    const answer = await fetch(wire.endpoint, { method: 'POST', headers: signed, body })
    const said = await answer.text()
    assert.equal(answer.status, 501, name)
    assert.match(said, /NotImplemented/)
    const text = said.replaceAll('&apos;', "'")
    assert.ok(text.includes(`This emulator does not have ${api.signingName}:${name}. ${reason}`), said)
  }
}

/** For `assert.rejects`: an error of a client with this code on the wire, this message and status. */
export function refusal(code: string, message?: string | RegExp, status = 400) {
  return (error: WireFault): boolean => {
    // Errors of the Query protocol carry their code beside the name of their class.
    assert.equal(error.Error?.Code ?? error.Code ?? error.name, code, error.message)
    assert.equal(error.$metadata?.httpStatusCode, status)
    if (typeof message === 'string') assert.equal(error.message, message)
    else if (message) assert.match(error.message, message)
    return true
  }
}

interface WireFault extends Error {
  readonly Code?: string
  readonly Error?: { readonly Code?: string }
  readonly $metadata?: { readonly httpStatusCode?: number }
}
