/**
 * How long deployments take, and what they leave behind: `npm run bench:deploy`, `-- --quick` for fewer.
 *
 * 1. An all-at-once deployment of two tasks, from `CreateDeployment` to all production traffic moved, beside the
 *    time that the application alone takes from its start to its first healthy answer, measured in turn. The speed
 *    leaves out what AWS waits.
 * 2. Consecutive deployments under an open-loop load: no request may be lost, and the emulator may not grow.
 * 3. One deployment of a service of fifty tasks.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodeDeployClient, CreateDeploymentCommand, GetDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { ECRClient } from '@aws-sdk/client-ecr'
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { type Emulator, startEmulator } from '@baton/emulator/client'
import { pushApplication, writeApplication } from './application.ts'
import { appSpec, writeStack } from './delivered-service.ts'
import { type Footprint, footprint } from './deploy/footprint.ts'
import { startLoad } from './deploy/load.ts'
import {
  listenerPorts,
  registryStack,
  repository,
  type ServiceName,
  servicesStack,
} from './deploy/platform.ts'
import { startAlone } from './deploy/start-alone.ts'

const quick = process.argv.includes('--quick')
const counts = quick
  ? { timed: 5, consecutive: 20, samplesAt: [5, 10, 20], wide: 10 }
  : { timed: 25, consecutive: 200, samplesAt: [20, 100, 200], wide: 50 }
const speed = 6_000
const requestsPerSecond = 100
const limitMs = 500

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)))
}
const directory = mkdtempSync(join(tmpdir(), 'baton-bench-deploy-'))
let emulator: Emulator | undefined

interface Stage {
  readonly emulator: Emulator
  readonly client: CodeDeployClient
  readonly application: string
  readonly outputs: Readonly<Record<string, unknown>>
}

async function prepare(): Promise<Stage> {
  const application = writeApplication(directory, 'api')
  emulator = await startEmulator({ stateDir: join(directory, 'emulator'), speed })
  await emulator.apply(writeStack(directory, 'registry', registryStack), { stack: 'registry' })
  const ecr = new ECRClient(settingsOf(emulator))
  const image = await pushApplication(application, { emulator, ecr, repository, tag: 'v1' })
  ecr.destroy()
  const stack = servicesStack(image, { api: 2, wide: 0 })
  await emulator.apply(writeStack(directory, 'services', stack), { stack: 'services' })
  const client = new CodeDeployClient(settingsOf(emulator))
  return { emulator, client, application, outputs: await emulator.outputs('services') }
}

const settingsOf = ({ endpoints, awsRegion, credentials }: Emulator) => ({
  endpoint: endpoints.api,
  region: awsRegion,
  credentials,
})

/** Deploys and waits for its end; resolves with the milliseconds until all production traffic had moved. */
async function deploy({ emulator, client, outputs }: Stage, service: ServiceName): Promise<number> {
  interrupted.signal.throwIfAborted()
  const content = appSpec(outputs[`${service}_task_definition`])
  const before = (await emulator.events(0)).at(-1)?.sequence ?? 0
  const from = Date.now()
  const { deploymentId = '' } = await client.send(
    new CreateDeploymentCommand({
      applicationName: 'main',
      deploymentGroupName: service,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
    }),
  )
  for (;;) {
    interrupted.signal.throwIfAborted()
    const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId }))
    if (deploymentInfo?.status === 'Succeeded') break
    if (deploymentInfo?.status === 'Failed' || deploymentInfo?.status === 'Stopped') {
      throw new Error(`${deploymentId} ${deploymentInfo.status}: ${deploymentInfo.errorInformation?.message}`)
    }
    await pause(20)
  }
  const moved = (await emulator.events(before)).find(
    ({ detailType, detail }) =>
      detailType === 'CodeDeploy Traffic Shift' &&
      detail.deploymentId === deploymentId &&
      detail.route === 'production',
  )
  if (moved === undefined) throw new Error(`the emulator tells no shift of ${deploymentId}`)
  return moved.at - from
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)
const median = (numbers: readonly number[]) => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN
const round = (number: number) => Math.round(number)

async function timed(stage: Stage) {
  const deployments: number[] = []
  const alone: number[] = []
  for (let n = 0; n < counts.timed; n++) {
    alone.push(await startAlone(stage.application))
    deployments.push(await deploy(stage, 'api'))
  }
  const applicationMs = median(alone)
  const overheads = deployments.map((ms) => ms - applicationMs)
  return {
    deployments: counts.timed,
    applicationMs: round(applicationMs),
    deploymentMs: round(median(deployments)),
    overheadP50Ms: round(median(overheads)),
    overheadMaxMs: round(Math.max(...overheads)),
  }
}

async function underLoad(stage: Stage) {
  const name = String(stage.outputs.dns_name)
  const { names } = await stage.emulator.status()
  const socket = names.find((one) => one.name === name && one.port === listenerPorts.api)?.socket
  if (socket === undefined) throw new Error(`nothing listens for ${name}:${listenerPorts.api}`)
  const [host = '', port] = socket.split(':')
  const load = startLoad({ host, port: Number(port), name }, requestsPerSecond)
  const samples: Record<string, Footprint> = {}
  const from = performance.now()
  try {
    for (let n = 1; n <= counts.consecutive; n++) {
      await deploy(stage, 'api')
      if (counts.samplesAt.includes(n)) samples[n] = await sample(stage.emulator)
    }
  } finally {
    await load.stop()
  }
  for (const line of load.lost.slice(0, 10)) console.error(`lost: ${line}`)
  const durationMs = round((performance.now() - from) / counts.consecutive)
  return {
    consecutive: counts.consecutive,
    eachMs: durationMs,
    sent: load.sent,
    lost: load.lost.length,
    samples,
  }
}

/** When what the last deployment left has gone. */
async function sample(emulator: Emulator): Promise<Footprint> {
  await pause(500)
  const { heapUsed } = await emulator.memory()
  return footprint(emulator.pid, heapUsed)
}

function print(figures: Awaited<ReturnType<typeof measure>>): void {
  const { allAtOnce: one, underLoad: load, wide } = figures
  const row = (what: string, value: string, ratio = '') =>
    console.log(what.padEnd(46) + value.padStart(12) + ratio)
  row('the application alone, start to healthy, p50', `${one.applicationMs} ms`)
  row(
    'deployment of two tasks to all traffic moved, p50',
    ` ${one.deploymentMs} ms`,
    `   ${(one.deploymentMs / one.applicationMs).toFixed(1)} × the application`,
  )
  row(
    '  above the application, p50',
    `${one.overheadP50Ms} ms`,
    `   ${(one.overheadP50Ms / limitMs).toFixed(2)} of ${limitMs} ms`,
  )
  row(
    '  above the application, max',
    `${one.overheadMaxMs} ms`,
    `   ${(one.overheadMaxMs / limitMs).toFixed(2)} of ${limitMs} ms`,
  )
  row(`${load.consecutive} deployments under ${requestsPerSecond} requests/s, each`, `${load.eachMs} ms`)
  row('  requests lost', `${load.lost}`, `   of ${load.sent}`)
  const first = Object.values(load.samples)[0]
  for (const [n, { rssMiB, heapMiB, processes, files }] of Object.entries(load.samples)) {
    row(
      `  after ${n}`,
      `${rssMiB} MiB`,
      `   ${(rssMiB / (first?.rssMiB ?? rssMiB)).toFixed(2)} × the first; heap ${heapMiB} MiB, ${processes} processes, ${files} files`,
    )
  }
  row(
    `one deployment of ${wide.tasks} tasks`,
    `${wide.deploymentMs} ms`,
    `   ${(wide.deploymentMs / one.applicationMs).toFixed(1)} × the application`,
  )
}

async function wide(stage: Stage) {
  await scale(stage.emulator, 'wide', counts.wide)
  return { tasks: counts.wide, deploymentMs: round(await deploy(stage, 'wide')) }
}

async function scale(emulator: Emulator, service: ServiceName, desiredCount: number): Promise<void> {
  const client = new ECSClient(settingsOf(emulator))
  const of = { cluster: 'main', service }
  await client.send(new UpdateServiceCommand({ ...of, desiredCount }))
  for (;;) {
    interrupted.signal.throwIfAborted()
    const { services } = await client.send(
      new DescribeServicesCommand({ cluster: 'main', services: [service] }),
    )
    if (
      services?.[0]?.taskSets?.[0]?.stabilityStatus === 'STEADY_STATE' &&
      services[0].runningCount === desiredCount
    )
      break
    await pause(50)
  }
  client.destroy()
}

async function measure(stage: Stage) {
  return {
    speed,
    allAtOnce: await timed(stage),
    underLoad: await underLoad(stage),
    wide: await wide(stage),
  }
}

try {
  const figures = await measure(await prepare())
  print(figures)
  console.log(JSON.stringify(figures))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await emulator?.stop()
  rmSync(directory, { recursive: true, force: true })
}
