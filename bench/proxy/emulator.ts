/**
 * The emulator as a proxy: its real process, with a load balancer that was made through the AWS SDK, one HTTP listener
 * and one target group of type `ip` that has the back end as its target.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Emulator, startEmulator } from '@baton/emulator/client'
import { pin } from './programs.ts'
import type { ReverseProxy } from './proxies.ts'

const healthTimeoutMs = 30_000

export interface EmulatorOptions {
  readonly dir: string
  readonly backEndPort: number
  readonly core: number | undefined
  /** Where its processor profile goes, for who asks where the time is spent. */
  readonly profileDir: string | undefined
}

export async function startEmulatorProxy(options: EmulatorOptions): Promise<ReverseProxy> {
  const emulator = await started(options)
  try {
    const port = await balance(emulator, options.backEndPort)
    // Once everything runs: a thread that starts later inherits the core.
    pin(emulator.pid, options.core)
    return { name: 'emulator', port, pid: emulator.pid, stop: async () => void (await emulator.stop()) }
  } catch (error) {
    await emulator.stop()
    throw error
  }
}

/** At the speed of `baton up`. */
async function started({ dir, profileDir }: EmulatorOptions): Promise<Emulator> {
  const before = process.env.NODE_OPTIONS
  if (profileDir !== undefined) process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${profileDir}`
  try {
    return await startEmulator({ stateDir: join(dir, 'emulator'), speed: 60 })
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}

/** Makes the load balancer and returns the port of this machine that its listener is on. */
async function balance(emulator: Emulator, backEndPort: number): Promise<number> {
  const elb = new ElasticLoadBalancingV2Client({
    endpoint: emulator.endpoints.api,
    region: emulator.awsRegion,
    credentials: emulator.credentials,
  })
  try {
    const { LoadBalancers: [balancer] = [] } = await elb.send(
      new CreateLoadBalancerCommand({ Name: 'bench', Subnets: ['subnet-a', 'subnet-b'] }),
    )
    const { TargetGroups: [group] = [] } = await elb.send(
      new CreateTargetGroupCommand({ Name: 'bench', Protocol: 'HTTP', Port: backEndPort, TargetType: 'ip' }),
    )
    const TargetGroupArn = group?.TargetGroupArn
    const Targets = [{ Id: '127.0.0.1', Port: backEndPort }]
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }))
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancer?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    )
    await healthy(elb, TargetGroupArn)
    return await socketOf(emulator, balancer?.DNSName ?? '')
  } finally {
    elb.destroy()
  }
}

async function healthy(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string | undefined): Promise<void> {
  const deadline = performance.now() + healthTimeoutMs
  let state: string | undefined
  while (performance.now() < deadline) {
    const answer = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))
    state = answer.TargetHealthDescriptions?.[0]?.TargetHealth?.State
    if (state === 'healthy') return
    await sleep(20)
  }
  throw new Error(`the back end is not healthy behind the emulator's load balancer: ${state}`)
}

/** The emulator's name service knows which socket a load balancer's port really is. */
async function socketOf(emulator: Emulator, dnsName: string): Promise<number> {
  const { names } = await emulator.status()
  const found = names.find(({ name, port }) => name.toLowerCase() === dnsName.toLowerCase() && port === 80)
  const port = Number(found?.socket?.split(':').at(-1))
  if (!(port > 0)) throw new Error(`the emulator names no socket for port 80 of ${dnsName}`)
  return port
}
