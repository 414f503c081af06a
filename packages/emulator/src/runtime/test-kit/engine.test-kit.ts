/**
 * For tests: a container engine, which is Podman's API served by a child of the test over a socket of its own, and an
 * image that needs no registry: BusyBox, as Debian installs it, linked statically.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import type { StoredImage } from '../../services/ecr/contract.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import { connectEngine, type Engine } from '../container/engine/find-engine.ts'

const busybox = '/usr/bin/busybox'

/** Why tests of containers cannot run here; false where they can. */
export const engineMissing: string | false =
  spawnSync('podman', ['--version']).status !== 0
    ? 'podman is not installed'
    : existsSync(busybox) && !readFileSync(busybox).includes('/lib64/ld-linux')
      ? false
      : 'busybox-static is not installed'

export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine
  /** For `DOCKER_HOST`. */
  readonly url: string
}

/** Serves Podman's API, and leads this process to it, until it is disposed of. */
export async function testEngine(): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-engine-'))
  const socketPath = join(folder, 'podman.sock')
  const url = `unix://${socketPath}`
  const child = spawn('podman', ['system', 'service', '--time=0', url], { cwd: folder, stdio: 'ignore' })
  const before = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = url
  const engine = await until('podman serves its API', () =>
    connectEngine({ source: 'the test', socketPath }).catch(() => false as const),
  )
  return {
    engine,
    url,
    async [Symbol.asyncDispose]() {
      engine.client.close()
      if (before === undefined) delete process.env.DOCKER_HOST
      else process.env.DOCKER_HOST = before
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type TestFiles = Readonly<Record<string, string>>

/**
 * BusyBox as the base, and over it the files, in a layer that the process runtime runs, too. `kind` is what the image
 * says built it.
 */
export async function busyboxImage(
  directory: string,
  files: TestFiles,
  config: NonNullable<StoredImage['config']['config']>,
  { kind, architecture = ownArchitecture }: { kind?: string; architecture?: string } = {},
): Promise<StoredImage> {
  const base = pack()
  // The process runtime does without.
  base.entry({ name: 'bin/busybox', mode: 0o755 }, existsSync(busybox) ? readFileSync(busybox) : '')
  for (const name of programs) base.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' })
  base.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n')
  base.entry({ name: 'etc/group' }, 'root:x:0:\napp:x:1000:\n')
  base.entry({ name: 'tmp', type: 'directory', mode: 0o1777 })
  base.finalize()
  const application = pack()
  for (const [name, content] of Object.entries(files)) application.entry({ name, mode: 0o755 }, content)
  application.finalize()
  const layers = [
    await layerOf(directory, Readable.from(base), {}),
    await layerOf(directory, Readable.from(application), { 'dev.baton.layer': 'application' }),
  ]
  const whole = {
    architecture,
    os: 'linux',
    config: {
      Env: ['PATH=/bin'],
      ...config,
      ...(kind === undefined ? {} : { Labels: { 'dev.baton.kind': kind } }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  }
  return { digest: digestOf(JSON.stringify(whole)), config: whole, layers }
}

const programs = [
  'sh',
  'cat',
  'echo',
  'env',
  'httpd',
  'id',
  'nc',
  'sleep',
  'tail',
  'wget',
  'touch',
  'mount',
  'hostname',
]
const ownArchitecture = arch() === 'x64' ? 'amd64' : arch()

async function layerOf(directory: string, tar: Readable, annotations: Readonly<Record<string, string>>) {
  const content = Buffer.concat(await tar.toArray())
  const digest = digestOf(content)
  const file = join(directory, `${digest.slice('sha256:'.length)}.tar`)
  await writeFile(file, content)
  return { digest, mediaType: 'application/vnd.oci.image.layer.v1.tar', annotations, file }
}

function digestOf(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
