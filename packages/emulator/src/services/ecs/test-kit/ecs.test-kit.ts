/**
 * For tests: an emulator's context in a directory of its own, images whose one layer is made on the spot, and a load
 * balancer whose health the test decides.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { createCertificateAuthority } from '../../../certificate-authority.ts'
import { type Clock, systemClock } from '../../../clock.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import type { EmulatorContext } from '../../../service.ts'
import { openStore } from '../../../store.ts'
import type { StoredImage } from '../../ecr/contract.ts'
import type { Elbv2, Target, TargetHealth } from '../../elbv2/contract.ts'

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

/** An image of one application layer: file contents by path. */
export async function testImage(
  directory: string,
  files: Readonly<Record<string, string>>,
  config: NonNullable<StoredImage['config']['config']>,
): Promise<StoredImage> {
  const digest = `sha256:${createHash('sha256')
    .update(JSON.stringify([files, config]))
    .digest('hex')}`
  const file = join(directory, `${digest.slice(7)}.tar.gz`)
  const layer = pack()
  for (const [name, content] of Object.entries(files)) layer.entry({ name }, content)
  layer.finalize()
  await pipeline(layer, createGzip(), createWriteStream(file))
  return {
    digest,
    config: { architecture: 'arm64', os: 'linux', config },
    layers: [
      {
        digest,
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        annotations: { 'dev.baton.layer': 'application' },
        file,
      },
    ],
  }
}

export interface TestLoadBalancing extends Elbv2 {
  /** What happened, in order: `register 127.…:80`, `deregister …`, `unused …`. */
  readonly journal: string[]
  /** Health that newly registered targets get. */
  initialHealth: TargetHealth['state']
  setHealth(target: Target, state: TargetHealth['state'], reason?: string, description?: string): void
  /** How long a deregistered target drains. */
  drainMs: number
  /** Instead of that long, a deregistered target drains until this comes true. */
  drained: Promise<void> | undefined
}

/** Targets and their health, without any traffic. */
export function testLoadBalancing(): TestLoadBalancing {
  const targets = new Map<string, { group: string; target: Target; health: TargetHealth }>()
  const listeners = new Set<(group: string, target: Target, health: TargetHealth) => void>()
  const key = (target: Target) => `${target.id}:${target.port}`
  const tell = (entry: { group: string; target: Target; health: TargetHealth }) => {
    for (const listener of listeners) listener(entry.group, entry.target, entry.health)
  }
  const load: TestLoadBalancing = {
    name: 'elasticloadbalancing',
    journal: [],
    initialHealth: 'healthy',
    drainMs: 50,
    drained: undefined,
    registerTarget(group, target) {
      load.journal.push(`register ${key(target)}`)
      const entry = { group, target, health: { state: load.initialHealth } }
      targets.set(key(target), entry)
      tell(entry)
    },
    async deregisterTarget(_group, target) {
      load.journal.push(`deregister ${key(target)}`)
      await (load.drained ?? new Promise((resolve) => setTimeout(resolve, load.drainMs).unref()))
      targets.delete(key(target))
      load.journal.push(`unused ${key(target)}`)
    },
    targetHealth: (_group, target) => targets.get(key(target))?.health,
    targetHealthy: async () => undefined,
    onTargetHealth(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    setHealth(target, state, reason, description) {
      const entry = targets.get(key(target))
      if (!entry) throw new Error(`no target ${key(target)}`)
      entry.health = {
        state,
        ...(reason === undefined ? {} : { reason }),
        ...(description === undefined ? {} : { description }),
      }
      tell(entry)
    },
    targetGroupByName: () => undefined,
    forwardingRules: () => [],
    setForward: () => undefined,
    listenerExists: () => true,
  }
  return load
}
