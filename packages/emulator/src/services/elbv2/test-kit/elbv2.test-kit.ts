/** For tests: a load balancer on this machine with real sockets, a clock of its own speed, and targets that answer. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '../../../certificate-authority.ts'
import { systemClock } from '../../../clock.ts'
import type { OperationHandler } from '../../../protocol/api.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import type { EmulatorContext } from '../../../service.ts'
import { openStore } from '../../../store.ts'
import type { CloudWatch, Datum } from '../../cloudwatch/contract.ts'
import type { Elbv2, Target } from '../contract.ts'
import { createElbv2, type Elbv2Dependencies } from '../index.ts'

export interface TestBalancer extends AsyncDisposable {
  readonly context: EmulatorContext
  readonly elb: Elbv2
  readonly metrics: readonly Datum[]
  readonly loadBalancerArn: string
  readonly dnsName: string
  /** Calls an operation of the API in process. */
  call(operation: string, input: Record<string, unknown>): Promise<Record<string, never>>
  group(name: string, settings?: Record<string, string>, input?: Record<string, unknown>): Promise<string>
  listener(defaultActions: unknown[], input?: Record<string, unknown>): Promise<string>
  /** Changes attributes of the load balancer. */
  attributes(settings: Record<string, string>): Promise<void>
  /** An HTTPS listener on port 443, with a certificate for `localhost`. */
  secureListener(defaultActions: unknown[]): Promise<string>
  /** The local port of a listener's socket. */
  portOf(listenerPort: number): number
  /** A server on an address of its own, registered and healthy. */
  target(
    groupArn: string,
    listener: RequestListener,
    options?: { awaitHealth?: boolean },
  ): Promise<TestTarget>
  /** What a restart of the emulator sees: the same store, nothing else. */
  restart(): Promise<Elbv2>
}

export interface TestTarget {
  readonly target: Target
  readonly server: Server
}

export async function startTestBalancer(
  options: { speed?: number; store?: string } & Partial<Elbv2Dependencies> = {},
): Promise<TestBalancer> {
  const stateDir = await mkdtemp(join(tmpdir(), 'elbv2-'))
  const store = openStore(':memory:')
  const context = testContext({
    stateDir,
    clock: systemClock(options.speed ?? 500),
    store,
    authority: await createCertificateAuthority(stateDir),
  })
  const data: Datum[] = []
  const cloudWatch: CloudWatch = {
    name: 'monitoring',
    record: (datum) => void data.push(datum),
    alarmState: () => undefined,
    alarmWindowSeconds: () => undefined,
    onAlarm: () => () => {},
  }
  const issued = await context.authority.issue(['localhost'])
  const material = { names: ['localhost'], key: issued.key, cert: issued.cert }
  const acm = options.acm ?? {
    name: 'acm',
    material: (arn: string) => (arn === certificateArn ? material : undefined),
  }
  const create = () => createElbv2(context, { ...options, acm, cloudWatch })
  let elb = create()
  await elb.start?.()
  const servers: Server[] = []
  const call = async (operation: string, input: Record<string, unknown>) => {
    const handlers: Readonly<Record<string, OperationHandler>> = elb.api?.operations ?? {}
    const handler = handlers[operation]
    if (!handler) throw new Error(`no operation ${operation}`)
    return handler(input, {
      operation,
      requestId: '',
      principal: { accessKeyId: '', arn: '' },
      region: '',
      request: {} as IncomingMessage,
    })
  }
  const made = await call('CreateLoadBalancer', { Name: 'main', Subnets: ['subnet-a', 'subnet-b'] })
  const { LoadBalancerArn: loadBalancerArn, DNSName: dnsName } = made.LoadBalancers[0]
  const listener = async (
    defaultActions: unknown[],
    input: Record<string, unknown> = {},
  ): Promise<string> => {
    const { Listeners } = await call('CreateListener', {
      LoadBalancerArn: loadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: defaultActions,
      ...input,
    })
    return Listeners[0].ListenerArn
  }
  return {
    context,
    get elb() {
      return elb
    },
    metrics: data,
    loadBalancerArn,
    dnsName,
    call,
    async group(name, settings = {}, input = {}) {
      const { TargetGroups } = await call('CreateTargetGroup', {
        Name: name,
        Protocol: 'HTTP',
        Port: 8080,
        TargetType: 'ip',
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: 10,
        ...input,
      })
      const arn = TargetGroups[0].TargetGroupArn
      const Attributes = Object.entries(settings).map(([Key, Value]) => ({ Key, Value }))
      await call('ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes })
      return arn
    },
    listener,
    async attributes(settings) {
      const Attributes = Object.entries(settings).map(([Key, Value]) => ({ Key, Value }))
      await call('ModifyLoadBalancerAttributes', { LoadBalancerArn: loadBalancerArn, Attributes })
    },
    secureListener(defaultActions) {
      const Certificates = [{ CertificateArn: certificateArn }]
      return listener(defaultActions, { Port: 443, Protocol: 'HTTPS', Certificates })
    },
    portOf(listenerPort) {
      const port = context.names.lookup(dnsName, listenerPort)?.socket?.port
      if (port === undefined) throw new Error(`nothing listens for port ${listenerPort}`)
      return port
    },
    async target(groupArn, listener, { awaitHealth = true } = {}) {
      const server = createServer({ maxHeaderSize: 128 * 1024 }, (incoming, response) => {
        if (incoming.url === '/health') return void response.end('ok')
        listener(incoming, response)
      })
      server.keepAliveTimeout = 65_000
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const target = { id: '127.0.0.1', port: (server.address() as AddressInfo).port }
      elb.registerTarget(groupArn, target)
      if (awaitHealth) await elb.targetHealthy(groupArn, target, AbortSignal.timeout(30_000))
      return { target, server }
    },
    async restart() {
      await elb.stop?.()
      elb = create()
      await elb.start?.()
      return elb
    },
    async [Symbol.asyncDispose]() {
      await elb.stop?.()
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
      store.close()
      await rm(stateDir, { recursive: true, force: true })
    },
  }
}

const certificateArn = 'arn:aws:acm:ap-northeast-2:000000000000:certificate/test'

export interface TestAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly trailers: NodeJS.Dict<string>
  readonly body: string
}

/** One request on a connection of its own. */
export function get(
  port: number,
  path = '/',
  options: { method?: string; headers?: Record<string, string>; body?: string; maxHeaderSize?: number } = {},
): Promise<TestAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          trailers: response.trailers,
          body: Buffer.concat(parts).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(options.body)
  })
}

/** Sends bytes on a connection of their own and collects what comes back until the balancer closes it. */
export async function exchangeBytes(port: number, bytes: string | Buffer, end = false): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes, 'latin1')
  if (end) socket.end()
  let received = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (part) => {
    received += part.toString('latin1')
  })
  await new Promise((resolve) => socket.on('close', resolve))
  return received
}

export const forward = (...groups: (string | [arn: string, weight: number])[]) => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: groups.map((group) =>
      typeof group === 'string' ? { TargetGroupArn: group } : { TargetGroupArn: group[0], Weight: group[1] },
    ),
  },
})
