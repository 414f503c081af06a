/** For tests: an emulator's context in a directory of its own, with a store and a certificate authority. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '../certificate-authority.ts'
import { type Clock, systemClock } from '../clock.ts'
import { testContext } from '../protocol/test-kit/context.test-kit.ts'
import type { EmulatorContext } from '../service.ts'
import { openStore } from '../store.ts'

export interface ContextOnDisk extends EmulatorContext, AsyncDisposable {}

/** A context on a fresh directory, whose AWS time runs 500 times as fast. */
export async function contextOnDisk(
  options: { stateDir?: string; speed?: number; clock?: Clock } = {},
): Promise<ContextOnDisk> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'baton-test-')))
  const store = openStore(join(stateDir, 'emulator.sqlite'))
  const context = testContext({
    stateDir,
    clock: options.clock ?? systemClock(options.speed ?? 500),
    store,
    authority: await createCertificateAuthority(stateDir),
  })
  return {
    ...context,
    async [Symbol.asyncDispose]() {
      store.close()
      // A directory that was given may be opened again.
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true })
    },
  }
}
