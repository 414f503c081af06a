/** What the emulator does with a container of an engine; a task's and its own alike. */
import type { Readable } from 'node:stream'
import { EngineError } from './engine-error.ts'
import type { Engine } from './find-engine.ts'

export interface ContainerState {
  readonly Id: string
  readonly Config?: { readonly Hostname?: string }
  readonly State: {
    readonly Pid?: number
    readonly OOMKilled?: boolean
    readonly ExitCode?: number
    readonly Error?: string
  }
  readonly NetworkSettings: {
    readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string } | undefined>>
    readonly Ports?: Readonly<
      Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
    >
  }
}

type Client = Pick<Engine, 'client'>

export async function createContainer({ client }: Client, name: string, body: object): Promise<string> {
  const { Id } = await client.call<{ Id: string }>('POST', '/containers/create', { query: { name }, body })
  return Id
}

export function inspect({ client }: Client, id: string): Promise<ContainerState> {
  return client.call<ContainerState>('GET', `/containers/${id}/json`)
}

/** One that is gone already counts as removed. */
export async function removeContainer({ client }: Client, id: string): Promise<void> {
  await client.call('DELETE', `/containers/${id}`, { query: { force: true, v: true } }).catch(ignoreMissing)
}

/** What it writes, from its start on; to be called before it is started. */
export function attachOutput({ client }: Client, id: string): Promise<Readable> {
  return client.hijack(`/containers/${id}/attach`, { query: { stream: true, stdout: true, stderr: true } })
}

/** Resolves with its exit code, at once where it has ended. */
export async function waitForExit({ client }: Client, id: string): Promise<number> {
  const { StatusCode } = await client.call<{ StatusCode: number }>('POST', `/containers/${id}/wait`)
  return StatusCode
}

/** For its first process only. */
export async function signalContainer({ client }: Client, id: string, signal: string): Promise<void> {
  await client.call('POST', `/containers/${id}/kill`, { query: { signal } })
}

/**
 * Runs a command in it; its exit code, or null where it takes longer, or where the container ends before. One that takes
 * too long is ended where its process can be reached.
 */
export async function execute(
  engine: Engine,
  id: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<number | null> {
  const { client } = engine
  const { Id } = await client.call<{ Id: string }>('POST', `/containers/${id}/exec`, {
    body: { Cmd: command, AttachStdout: true, AttachStderr: true },
  })
  const look = () => client.call<{ ExitCode?: number | null; Pid?: number }>('GET', `/exec/${Id}/json`)
  const output = await client.hijack(`/exec/${Id}/start`, { body: { Detach: false, Tty: false } })
  const { promise, resolve } = Promise.withResolvers<boolean>()
  output.resume()
  output
    .once('end', () => resolve(true))
    .once('close', () => resolve(true))
    .on('error', () => resolve(true))
  const timer = setTimeout(resolve, timeoutMs, false)
  const inTime = await promise
  clearTimeout(timer)
  if (inTime) return (await look()).ExitCode ?? null
  if (engine.isLocal) await look().then(endProcess, () => undefined)
  output.destroy()
  return null
}

function endProcess({ Pid }: { readonly Pid?: number }): void {
  if (!Pid) return
  try {
    process.kill(Pid, 'SIGKILL')
  } catch {
    // It has ended, or belongs to another user: it ends with its container.
  }
}

function ignoreMissing(error: unknown): void {
  // 409: its removal is under way.
  if (error instanceof EngineError && (error.status === 404 || error.status === 409)) return
  throw error
}
