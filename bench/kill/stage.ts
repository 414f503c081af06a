/**
 * The emulator that is killed, started again on the same directory as often as it takes, and the clients for whichever
 * of them runs now.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudFrontKeyValueStoreClient } from '@aws-sdk/client-cloudfront-keyvaluestore'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeployClient } from '@aws-sdk/client-codedeploy'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { type Emulator, startEmulator } from '@baton/emulator/client'

export interface Clients {
  readonly codedeploy: CodeDeployClient
  readonly ecr: ECRClient
  readonly ecs: ECSClient
  readonly elb: ElasticLoadBalancingV2Client
  readonly cloudwatch: CloudWatchClient
  readonly s3: S3Client
  readonly ssm: SSMClient
  readonly secrets: SecretsManagerClient
  readonly logs: CloudWatchLogsClient
  readonly keyValues: CloudFrontKeyValueStoreClient
  close(): void
}

export interface Stage {
  readonly directory: string
  readonly stateDir: string
  readonly speed: number
  /** In the environment of every task and function, so that what runs is found without asking the emulator. */
  readonly token: string
  /** Of the emulator that runs now; throws between a kill and the next start. */
  emulator(): Emulator
  clients(): Clients
  running(): boolean
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>
  /** Milliseconds until it served again. */
  start(): Promise<number>
  /** Resolves when the emulator that runs now has ended by something else than these. */
  ended(): Promise<void>
  stop(): Promise<void>
}

export function openStage(directory: string, speed: number): Stage {
  const stateDir = join(directory, 'emulator')
  let current: { emulator: Emulator; clients: Clients } | undefined
  const now = () => {
    if (current === undefined) throw new Error('no emulator runs now')
    return current
  }
  const gone = async (end: (emulator: Emulator) => unknown) => {
    const { emulator, clients } = now()
    current = undefined
    await end(emulator)
    clients.close()
    await emulator.ended()
  }
  return {
    directory,
    stateDir,
    speed,
    token: randomBytes(8).toString('hex'),
    emulator: () => now().emulator,
    clients: () => now().clients,
    running: () => current !== undefined,
    kill: () => gone((emulator) => process.kill(emulator.pid, 'SIGKILL')),
    ended: () => gone(() => undefined),
    stop: () => gone((emulator) => emulator.stop()),
    async start() {
      const from = performance.now()
      const emulator = await startEmulator({ stateDir, speed })
      current = { emulator, clients: clientsOf(emulator) }
      return performance.now() - from
    },
  }
}

function clientsOf(emulator: Emulator): Clients {
  const options = {
    ...emulator.clientSettings(),
    // What is sent again was perhaps done already: a test of acknowledgements has to know.
    maxAttempts: 1,
  }
  const clients = {
    codedeploy: new CodeDeployClient(options),
    ecr: new ECRClient(options),
    ecs: new ECSClient(options),
    elb: new ElasticLoadBalancingV2Client(options),
    cloudwatch: new CloudWatchClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    ssm: new SSMClient(options),
    secrets: new SecretsManagerClient(options),
    logs: new CloudWatchLogsClient(options),
    keyValues: new CloudFrontKeyValueStoreClient(options),
  }
  const close = () => {
    for (const client of Object.values(clients)) client.destroy()
  }
  return { ...clients, close }
}

/** Ids of processes of this machine whose environment or command line holds the text. Linux only. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return []
    try {
      const read = (name: string) => readFileSync(`/proc/${entry}/${name}`, 'latin1')
      return read('environ').includes(text) || read('cmdline').includes(text) ? [Number(entry)] : []
    } catch {
      return []
    }
  })
}
