/**
 * The network namespaces of tasks. A container that only waits holds each of them, as ECS's own does on AWS, so that the
 * containers of the task share localhost and one address, and may start and end in any order. One is made ahead where
 * nothing about it depends on the task: the next task has it at once.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskSpec } from '../task/task-runtime.ts'
import { createContainer, inspect, removeContainer } from './engine/containers.ts'
import type { Engine } from './engine/find-engine.ts'
import { type EmulatorNaming, emulatorLabel, taskLabel } from './engine/naming.ts'
import { type EmulatorNetwork, reachesDirectly } from './engine/network.ts'
import type { EngineImages } from './image/engine-images.ts'

export interface AttachedTask {
  readonly spec: TaskSpec
  /** At which this machine reaches it. */
  readonly address: string
  /** By container port: the port at that address, where it is another one. */
  readonly ports: ReadonlyMap<number, number>
  /** Id of the container that holds the namespace. */
  readonly pauseId: string
  readonly hostname: string
  readonly hostsFile: string
  /** Ends every container of the task. */
  release(): Promise<void>
}

export interface TaskNamespaces {
  attach(task: TaskSpec): Promise<AttachedTask>
  /** Makes one ahead. */
  prepareNext(): void
}

interface Namespace {
  readonly id: string
  readonly hostname: string
  readonly address: string
  readonly ports: ReadonlyMap<number, number>
}

export function createTaskNamespaces(options: {
  readonly engine: Engine
  readonly images: EngineImages
  readonly naming: EmulatorNaming
  readonly network: EmulatorNetwork
  readonly directory: string
  /** Writes the hosts file of a task now, and whenever names change, until the returned function is called. */
  keepHosts(file: string, own: { readonly address: string; readonly hostname: string }): Promise<() => void>
}): TaskNamespaces {
  const { engine, images, naming, network } = options
  const direct = reachesDirectly(network)
  let next: Promise<Namespace> | undefined
  let serial = 0

  /** `published` are the ports that this machine reaches at loopback only, because it is not on the network. */
  async function create(published: readonly number[]): Promise<Namespace> {
    const hostname = `task-${++serial}`
    const image = await images.pause()
    const ports = [...new Set(published)].map((port) => `${port}/tcp`)
    const id = await createContainer(engine, `${naming.prefix}-${hostname}`, {
      Image: image,
      Hostname: hostname,
      Labels: { [emulatorLabel]: naming.mark },
      ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
      HostConfig: {
        NetworkMode: network.name,
        // For the route to the metadata only; it runs nothing of the task.
        CapAdd: ['NET_ADMIN'],
        PortBindings: Object.fromEntries(
          ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]]),
        ),
        LogConfig: { Type: 'none' },
      },
    })
    try {
      await engine.client.call('POST', `/containers/${id}/start`)
      const { NetworkSettings } = await inspect(engine, id)
      const own = NetworkSettings.Networks?.[network.name]?.IPAddress ?? ''
      if (own === '') throw new Error('the engine gave the task no address')
      const bound = Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) => {
        const local = Number(bindings?.[0]?.HostPort)
        return Number.isInteger(local) && local > 0 ? [[Number.parseInt(port, 10), local] as const] : []
      })
      return { id, hostname, address: own, ports: new Map(bound) }
    } catch (error) {
      await removeContainer(engine, id).catch(() => undefined)
      throw error
    }
  }

  function prepareNext(): void {
    if (!direct || next) return
    next = create([])
    next.catch(() => {
      next = undefined
    })
  }

  async function namespaceFor(task: TaskSpec): Promise<Namespace> {
    if (!direct) return create(task.containerPorts)
    const ready = next
    next = undefined
    return ready ?? create([])
  }

  async function removeAll(taskId: string, pauseId: string): Promise<void> {
    const filters = JSON.stringify({ label: [`${emulatorLabel}=${naming.mark}`, `${taskLabel}=${taskId}`] })
    const found = await engine.client.call<{ Id: string }[]>('GET', '/containers/json', {
      query: { all: true, filters },
    })
    await Promise.all(found.map(({ Id }) => removeContainer(engine, Id)))
    await removeContainer(engine, pauseId)
  }

  return {
    prepareNext,
    async attach(task) {
      const { id, hostname, address, ports } = await namespaceFor(task)
      prepareNext()
      const folder = join(options.directory, 'tasks', task.taskId)
      await mkdir(folder, { recursive: true, mode: 0o755 })
      const hostsFile = join(folder, 'hosts')
      const stopHosts = await options.keepHosts(hostsFile, { address, hostname })
      return {
        spec: task,
        address: direct ? address : '127.0.0.1',
        ports,
        pauseId: id,
        hostname,
        hostsFile,
        async release() {
          stopHosts()
          await removeAll(task.taskId, id)
          await rm(folder, { recursive: true, force: true })
        },
      }
    },
  }
}
