/**
 * The life of an emulator: it opens its store and its ports, resumes what the store holds, applies Terraform, and
 * stops without leaving a process, a timer or a port behind. `main.ts` runs it in a process; tests may run one
 * in theirs.
 */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { administratorCredentials, controlToken } from './administrator.ts'
import { createCertificateAuthority } from './certificate-authority.ts'
import type { EmulatorDescription, EmulatorOptions } from './client/description.ts'
import { systemClock } from './clock.ts'
import { createContainerDoors } from './container-doors.ts'
import { controlApi } from './control-api.ts'
import { createEndpointRegistry } from './endpoint-registry.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { type FrontDoor, openFrontDoor } from './front-door.ts'
import { randomIds } from './ids.ts'
import { admitted } from './protocol/admission.ts'
import { openTunnels, type Tunnels } from './protocol/tunnel.ts'
import { createWire } from './protocol/wire.ts'
import { endLeftoverProcesses, findEngine, identify } from './runtime/index.ts'
import type { EmulatorContext } from './service.ts'
import { createServices, type Services } from './services.ts'
import { openStateDirectory } from './state-directory.ts'
import { openStore } from './store.ts'
import { createTerraform, type Terraform } from './terraform/index.ts'

export interface RunningEmulator {
  readonly description: EmulatorDescription
  readonly context: EmulatorContext
  readonly services: Services
  readonly terraform: Terraform
  stop(): Promise<void>
}

/**
 * Starts an emulator in this process. `onStop` is called when a client asks it to stop. Throws the system's error for a
 * port in use or an unwritable directory, and `StoreError` for a store that this version cannot use; nothing stays open
 * then.
 */
export async function openEmulator(options: EmulatorOptions, onStop: () => void): Promise<RunningEmulator> {
  // What was opened, closed in reverse order; whatever fails then does not keep the rest open.
  await using opened = new AsyncDisposableStack()
  const stateDir = await openStateDirectory(options.stateDir)
  const store = openStore(join(stateDir, 'emulator.sqlite'))
  opened.defer(() => store.close())
  // What a killed emulator left ends before anything is resumed; what has left its process group, when all is closed.
  await endLeftoverProcesses(stateDir)
  opened.defer(async () => void (await endLeftoverProcesses(stateDir)))
  const events = createEventLog()
  const context: EmulatorContext = {
    accountId: options.accountId,
    region: options.awsRegion,
    stateDir,
    clock: systemClock(options.speed, (error) => reportFailedTick(events, error)),
    store,
    ids: randomIds(),
    names: createEndpointRegistry(),
    events,
    authority: await createCertificateAuthority(stateDir),
  }
  let api = ''
  if (options.runtime === 'container') (await findEngine()).client.close()
  const late: { tunnels?: Tunnels; frontDoor?: FrontDoor; services?: Services } = {}
  const doors = createContainerDoors({
    context,
    apis: () => late.services?.apis ?? [],
    hosts: () => late.services?.route53.aliasHosts() ?? [],
    serveApi: (socket) => (late.tunnels ? late.tunnels.accept(socket) : void socket.destroy()),
    frontDoor: () => late.frontDoor,
  })
  const services = createServices(context, {
    dnsPort: options.ports.dns,
    apiUrl: () => api,
    runtime: options.runtime,
    doors,
  })
  late.services = services
  const terraform = createTerraform({
    store,
    accountId: context.accountId,
    region: context.region,
    types: services.types,
  })
  const wire = createWire({
    apis: services.apis,
    accountId: context.accountId,
    region: context.region,
    credentials: services.credentials,
    log: (message, error) => console.error(message, error),
  })
  const control: { handle: RequestListener } = { handle: () => undefined }
  const serveAws: RequestListener = (request, response) => {
    if (!services.serveRegistry(request, response)) wire(request, response)
  }
  const serve: RequestListener = (request, response) => {
    if (request.url?.startsWith('/_baton/')) return control.handle(request, response)
    serveAws(request, response)
  }
  const server = await listen(options.ports.api, admitted('port', serve))
  opened.defer(() => closeServer(server))
  const tunnels = openTunnels(server, context.authority, admitted('tunnel', serveAws))
  opened.defer(() => tunnels.close())
  late.tunnels = tunnels
  // By name: the KeyValueStore client puts the account before the host, which an address cannot take.
  api = `http://localhost:${(server.address() as AddressInfo).port}`
  for (const service of services.all) {
    opened.defer(() => service.stop?.())
    await service.start?.()
  }
  const frontDoor = await openFrontDoor(context, {
    resolveAlias: services.route53.resolveAlias,
    hosts: services.route53.aliasHosts,
    ports: options.ports,
  })
  opened.defer(() => frontDoor.close())
  late.frontDoor = frontDoor
  const dns = services.route53.address()
  const description = describe(options, api, frontDoor, `${dns?.address}:${dns?.port}`, context)
  control.handle = controlApi({ description, context, services, terraform, stop: onStop })
  const running = opened.move()
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= running.disposeAsync()
    return stopped
  }
  return { description, context, services, terraform, stop }
}

function describe(
  options: EmulatorOptions,
  api: string,
  frontDoor: FrontDoor,
  dns: string,
  context: EmulatorContext,
): EmulatorDescription {
  return {
    pid: process.pid,
    processStarted: identify(process.pid)?.started ?? '',
    startedAt: new Date().toISOString(),
    speed: options.speed,
    awsRegion: options.awsRegion,
    accountId: options.accountId,
    endpoints: { api, http: frontDoor.httpUrl, https: frontDoor.httpsUrl, dns },
    caFile: context.authority.certificateFile,
    credentials: administratorCredentials(context.authority),
    controlToken: controlToken(context.authority),
  }
}

/** Writes it to the emulator's log with its stack, and to the events, where verdict and console see it. */
function reportFailedTick(events: EventLog, error: unknown): void {
  console.error('a tick of the clock failed:', error)
  events.emit('baton.emulator', 'Periodic Work Failed', { reason: String(error) })
}

async function listen(port: number, handle: RequestListener): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 75_000 }, handle).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
