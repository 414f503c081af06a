/**
 * What containers of tasks reach of the emulator, by AWS's names and on AWS's ports: load balancers, databases, the sites
 * behind the front door, and AWS's APIs with the task's own credentials. Nothing else: neither the control API nor the
 * port for AWS clients of this machine.
 */
import type { Duplex } from 'node:stream'
import type { FrontDoor } from './front-door.ts'
import type { ServiceApi } from './protocol/api.ts'
import { type ContainerDoors, type OwnedName, passOn } from './runtime/index.ts'
import type { EmulatorContext } from './service.ts'

export interface DoorOptions {
  readonly context: Pick<EmulatorContext, 'names' | 'region' | 'accountId'>
  readonly apis: () => readonly Pick<ServiceApi, 'signingName'>[]
  /** Hosts of Route 53 that lead to a resource. */
  readonly hosts: () => readonly string[]
  /** Serves a TLS connection to one of AWS's APIs. */
  readonly serveApi: (socket: Duplex) => void
  /** Undefined until it is open. */
  readonly frontDoor: () => Pick<FrontDoor, 'httpUrl' | 'httpsUrl'> | undefined
}

const webPorts = [80, 443]

export function createContainerDoors(options: DoorOptions): ContainerDoors {
  const { names } = options.context
  let apiNames: ReadonlySet<string> | undefined
  const ofApis = () => {
    apiNames ??= new Set(
      options.apis().flatMap(({ signingName }) => hostsOfApi(signingName, options.context)),
    )
    return apiNames
  }
  return {
    names() {
      const ports = new Map<string, number[]>()
      for (const { name, port } of names.all()) ports.set(name, [...(ports.get(name) ?? []), port])
      for (const host of options.hosts()) if (!host.includes('*')) ports.set(host, webPorts)
      for (const name of ofApis()) ports.set(name, [443])
      return [...ports].map(([name, of]): OwnedName => ({ name, ports: of }))
    },
    serve(name, port, socket) {
      if (ofApis().has(name)) return options.serveApi(socket)
      const own = names.lookup(name, port)?.socket
      const front = options.frontDoor()
      const local = own ?? (front && frontDoorAt(port === 443 ? front.httpsUrl : front.httpUrl))
      if (local) passOn(socket, local)
      else socket.destroy()
    },
  }
}

function frontDoorAt(url: string): { address: string; port: number } {
  const { hostname, port } = new URL(url)
  return { address: hostname, port: Number(port) }
}

/** https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
function hostsOfApi(service: string, { region, accountId }: DoorOptions['context']): string[] {
  const regional = `${service}.${region}.amazonaws.com`
  const special: Readonly<Record<string, readonly string[]>> = {
    ecr: [`api.ecr.${region}.amazonaws.com`, `${accountId}.dkr.ecr.${region}.amazonaws.com`],
    s3: [regional, 's3.amazonaws.com'],
    sts: [regional, 'sts.amazonaws.com'],
    route53: ['route53.amazonaws.com'],
    iam: ['iam.amazonaws.com'],
    cloudfront: ['cloudfront.amazonaws.com'],
    'cloudfront-keyvaluestore': [`${accountId}.cloudfront-kvs.global.api.aws`],
  }
  return [...(special[service] ?? [regional])]
}
