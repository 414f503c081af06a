/**
 * The region as a proxy: its real process, with a load balancer that was made through the AWS SDK, one HTTP listener
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
import { type Region, startRegion } from '@baton/emulator/client'
import { pin } from './programs.ts'
import type { ReverseProxy } from './proxies.ts'

const healthTimeoutMs = 30_000

export interface RegionOptions {
  readonly dir: string
  readonly backEndPort: number
  readonly core: number | undefined
  /** Where its processor profile goes, for who asks where the time is spent. */
  readonly profileDir: string | undefined
}

export async function startRegionProxy(options: RegionOptions): Promise<ReverseProxy> {
  const region = await started(options)
  try {
    const port = await balance(region, options.backEndPort)
    // Once everything runs: a thread that starts later inherits the core.
    pin(region.pid, options.core)
    return { name: 'region', port, pid: region.pid, stop: () => region.stop() }
  } catch (error) {
    await region.stop()
    throw error
  }
}

/** At the speed of `baton up`. */
async function started({ dir, profileDir }: RegionOptions): Promise<Region> {
  const before = process.env.NODE_OPTIONS
  if (profileDir !== undefined) process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${profileDir}`
  try {
    return await startRegion({ stateDir: join(dir, 'region'), speed: 60 })
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}

/** Makes the load balancer and returns the port of this machine that its listener is on. */
async function balance(region: Region, backEndPort: number): Promise<number> {
  const elb = new ElasticLoadBalancingV2Client({
    endpoint: region.endpoints.api,
    region: region.awsRegion,
    credentials: region.credentials,
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
    return await socketOf(region, balancer?.DNSName ?? '')
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
  throw new Error(`the back end is not healthy behind the region's load balancer: ${state}`)
}

/** The region's name service knows which socket a load balancer's port really is. */
async function socketOf(region: Region, dnsName: string): Promise<number> {
  const { names } = await region.status()
  const found = names.find(({ name, port }) => name.toLowerCase() === dnsName.toLowerCase() && port === 80)
  const port = Number(found?.socket?.split(':').at(-1))
  if (!(port > 0)) throw new Error(`the region names no socket for port 80 of ${dnsName}`)
  return port
}
