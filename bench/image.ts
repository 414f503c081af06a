/**
 * How long an edit takes to be an image in a registry: `npm run bench:image`, `-- --quick` for fewer edits.
 *
 * The same applications, the same base and the same registry, in turn: built and pushed by Baton, and by `podman build`
 * and `podman push`. All caches are warm: only what the edit has changed is new. Baton builds inside of a process that
 * runs already, as in a release. The last line is a JSON object; the exit status is 1 where a ratio is above its limit.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import { startEmulator } from '@baton/emulator/client'
import { buildImage, pullImage, pushImage } from '@baton/image'
import { busyboxImage, machineArchitecture, missingForBases } from '@baton/image/test-bases'
import { type Application, jarApplication, typescriptApplication } from './image/applications.ts'

const edits = process.argv.includes('--quick') ? 3 : 9
const limit = 0.3
const architecture = machineArchitecture

if (spawnSync('podman', ['--version']).status !== 0 || missingForBases('busybox')) {
  console.error('bench:image needs Podman and BusyBox: apt-get install podman runc busybox-static')
  process.exit(1)
}

const directory = mkdtempSync(join(tmpdir(), 'baton-bench-image-'))
const emulator = await startEmulator({ stateDir: join(directory, 'emulator') })
const images = new Set<string>()
try {
  const registry = await openRegistry()
  const base = `${registry.host}/base:1`
  await pushImage(await busyboxImage(), { ...registry.access, repository: 'base', tag: '1' })
  await podman('pull', '--quiet', ...registry.podman, base)
  images.add(base)
  const results = []
  for (const make of [typescriptApplication, jarApplication])
    results.push(await measure(await make(directory, base), registry, base))
  for (const { application, batonMs, podmanMs, ratio, batonKiB } of results)
    console.log(
      `${application}: Baton ${batonMs} ms and ${batonKiB} KiB, Podman ${podmanMs} ms; ratio ${ratio} (limit ${limit})`,
    )
  const passed = results.every(({ ratio }) => ratio <= limit)
  console.log(JSON.stringify({ bench: 'image', edits, limit, passed, results }))
  process.exitCode = passed ? 0 : 1
} finally {
  for (const each of images) await podman('rmi', '--force', each).catch(() => {})
  await emulator.stop()
  rmSync(directory, { recursive: true, force: true })
}

interface Registry {
  readonly host: string
  readonly access: { readonly endpoint: string; readonly username: string; readonly password: string }
  /** Options of Podman's. */
  readonly podman: readonly string[]
}

/** The emulator's ECR, with a repository for each image. */
async function openRegistry(): Promise<Registry> {
  const ecr = new ECRClient(emulator.clientSettings())
  try {
    for (const repositoryName of ['base', 'typescript', 'jar', 'typescript-podman', 'jar-podman'])
      await ecr.send(new CreateRepositoryCommand({ repositoryName }))
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}))
    const [data] = authorizationData ?? []
    const endpoint = data?.proxyEndpoint ?? ''
    const [username = '', password = ''] = atob(data?.authorizationToken ?? '').split(':')
    return {
      host: new URL(endpoint).host,
      access: { endpoint, username, password },
      podman: ['--tls-verify=false', '--creds', `${username}:${password}`],
    }
  } finally {
    ecr.destroy()
  }
}

async function measure(application: Application, registry: Registry, base: string) {
  const { name, folder, source } = application
  const cacheDir = join(directory, 'cache')
  const below = { reference: base, ...registry.access }
  const { digest } = await pullImage({ ...below, architecture, cacheDir })
  const locked = { ...below, reference: `${registry.host}/base@${digest}` }
  let pushedBytes = 0
  const byBaton = async (number: number) => {
    const image = await buildImage(source, { architecture, cacheDir, base: locked, version: `v${number}` })
    const pushed = await pushImage(image, { ...registry.access, repository: name, tag: `v${number}` })
    pushedBytes = pushed.pushedBytes
  }
  const byPodman = async (number: number) => {
    const tag = `${registry.host}/${name}-podman:v${number}`
    images.add(tag)
    await podman('build', '--quiet', '--pull=never', '--tag', tag, folder)
    await podman('push', '--quiet', ...registry.podman, tag)
  }
  const times = { baton: [] as number[], podman: [] as number[] }
  for (let number = 0; number <= edits; number++) {
    await application.edit(number)
    const baton = await timed(() => byBaton(number))
    const other = await timed(() => byPodman(number))
    // The first of each fills the caches.
    if (number === 0) continue
    times.baton.push(baton)
    times.podman.push(other)
  }
  const [batonMs, podmanMs] = [median(times.baton), median(times.podman)]
  return {
    application: name,
    batonMs: Math.round(batonMs),
    podmanMs: Math.round(podmanMs),
    ratio: Number((batonMs / podmanMs).toFixed(3)),
    batonKiB: Math.ceil(pushedBytes / 1024),
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

async function podman(...parameters: string[]): Promise<string> {
  return (await promisify(execFile)('podman', parameters)).stdout
}
