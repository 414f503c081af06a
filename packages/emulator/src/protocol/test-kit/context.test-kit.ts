/**
 * For tests of services: an emulator's context, of which each test names what it needs. The rest is in memory: no
 * directory, no certificate authority.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../clock.ts'
import { createEndpointRegistry } from '../../endpoint-registry.ts'
import { createEventLog } from '../../event-log.ts'
import { randomIds } from '../../ids.ts'
import type { EmulatorContext } from '../../service.ts'
import { openStore } from '../../store.ts'

export function testContext(overrides: Partial<EmulatorContext> = {}): EmulatorContext {
  return {
    accountId: '000000000000',
    region: 'ap-northeast-2',
    stateDir: join(tmpdir(), 'baton-test-without-directory'),
    clock: systemClock(),
    store: overrides.store ?? openStore(':memory:'),
    ids: randomIds(),
    names: createEndpointRegistry(),
    events: createEventLog(),
    authority: {
      certificate: '',
      certificateFile: '',
      issue: () => Promise.reject(new Error('this test has no certificate authority')),
      secret: (purpose) => purpose,
    },
    ...overrides,
  }
}
