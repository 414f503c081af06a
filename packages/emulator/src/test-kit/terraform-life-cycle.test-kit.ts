/**
 * For tests of what Terraform's life cycle does on an emulator that runs: an emulator with its sockets in this process,
 * asked over the wire as `baton` asks it, and a small folder of Terraform that the test changes and applies again.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApplyOptions, connect, type Emulator } from '../client/emulator.ts'
import { openEmulator } from '../emulator.ts'
import type { Change } from '../terraform/index.ts'

export type Resources = Record<string, Record<string, Record<string, unknown>>>

export interface LifeCycle extends AsyncDisposable {
  readonly emulator: Emulator
  readonly stateDir: string
  /** Where the Terraform is, and the files that it reads. */
  readonly folder: string
  /** For any client of the SDK. */
  readonly settings: {
    readonly region: string
    readonly endpoint: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
    readonly maxAttempts: number
  }
  /** The resources of the folder; change them, then plan or apply. */
  readonly resources: Resources
  /** The attributes of one of them. */
  of(address: string): Record<string, unknown>
  plan(): Promise<string[]>
  /** What was done, as `replace aws_lb.main (name)`. */
  apply(options?: Partial<ApplyOptions>): Promise<string[]>
  destroy(): Promise<string[]>
  /** Where a name of the emulator listens. */
  socket(name: string, port: number): Promise<{ host: string; port: number } | undefined>
}

const stack = 'platform'

export async function startLifeCycle(resources: Resources, speed = 600): Promise<LifeCycle> {
  const root = mkdtempSync(join(tmpdir(), 'baton-life-cycle-'))
  const stateDir = join(root, 'emulator')
  const running = await openEmulator(
    {
      stateDir,
      speed,
      awsRegion: 'ap-northeast-2',
      accountId: '000000000000',
      ports: { api: 0, http: 0, https: 0, dns: 0 },
      detached: false,
    },
    () => undefined,
  )
  const emulator = connect(running.description, () => running.stop())
  const write = () => writeFileSync(join(root, 'cdk.tf.json'), JSON.stringify({ resource: resources }))
  return {
    emulator,
    stateDir,
    folder: root,
    settings: { ...emulator.clientSettings(), maxAttempts: 1 },
    resources,
    of(address) {
      const [type = '', name = ''] = address.split('.')
      const found = resources[type]?.[name]
      if (found === undefined) throw new Error(`the folder has no ${address}`)
      return found
    },
    async plan() {
      write()
      return (await emulator.plan(root, { stack })).changes.map(describe).sort()
    },
    async apply(options = {}) {
      write()
      return (await emulator.apply(root, { stack, ...options })).changes.map(describe).sort()
    },
    destroy: async () => (await emulator.destroy(stack)).changes.map(describe).sort(),
    async socket(name, port) {
      const { names } = await emulator.status()
      const [host, found] =
        names.find((each) => each.name === name && each.port === port)?.socket?.split(':') ?? []
      return host === undefined ? undefined : { host, port: Number(found) }
    },
    async [Symbol.asyncDispose]() {
      await running.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function describe({ action, address, forcedBy = [], reason, createBeforeDestroy }: Change): string {
  const because = forcedBy.length > 0 ? forcedBy.join(', ') : action === 'replace' ? reason : ''
  return `${action} ${address}${because ? ` (${because})` : ''}${createBeforeDestroy ? ' first' : ''}`
}
