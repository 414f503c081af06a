/** A running emulator, as others see it: asked over HTTP below `/_baton`, from any process of this machine. */

import type { EmulatorEvent } from '../event-log.ts'
import type { DeploymentTiming } from '../services/codedeploy/contract.ts'
import type { DeliveredNotice } from '../services/sns/notification.ts'
import type { ApplyEvent, ApplyResult, CheckedStack, Plan, Unfinished } from '../terraform/index.ts'
import type { EmulatorDescription } from './description.ts'
import { type EmulatorDiagnostic, EmulatorError } from './emulator-error.ts'

export interface EmulatorStatus {
  readonly emulator: EmulatorDescription
  readonly stacks: readonly { readonly name: string; readonly resources: number }[]
  /** Names that the emulator answers for, and where they really are. */
  readonly names: readonly { readonly name: string; readonly port: number; readonly socket?: string }[]
  /** What this emulator does not do as AWS does, in a sentence each: a verdict says so. */
  readonly gaps: readonly string[]
}

/** What was published to an SNS topic, as a subscriber gets it, and who was subscribed. */
export type EmulatorNotice = DeliveredNotice

export interface ApplyOptions {
  /** Name of the stack: `bootstrap`, `platform`. */
  readonly stack: string
  /** Resource types that are accepted without being modelled; the result names them. */
  readonly inert?: readonly string[]
  readonly variables?: Readonly<Record<string, unknown>>
  readonly onProgress?: (event: ApplyEvent) => void
  readonly signal?: AbortSignal
}

export interface Emulator extends EmulatorDescription {
  status(): Promise<EmulatorStatus>
  /**
   * Looks at all stacks before any of them is applied: what the emulator does not model, and what is wrong with the
   * Terraform. Throws `EmulatorError` with every diagnostic of every stack.
   */
  check(stacks: readonly CheckedStack[], options?: Pick<ApplyOptions, 'inert'>): Promise<void>
  /** What an apply would change. Throws `EmulatorError` with every diagnostic. */
  plan(folder: string, options: ApplyOptions): Promise<Plan>
  /** Applies a synthesized stack. Throws `EmulatorError` with every diagnostic. */
  apply(folder: string, options: ApplyOptions): Promise<ApplyResult>
  destroy(stack: string, options?: Pick<ApplyOptions, 'onProgress' | 'signal'>): Promise<ApplyResult>
  outputs(stack: string): Promise<Readonly<Record<string, unknown>>>
  events(since: number): Promise<EmulatorEvent[]>
  /** The inbox of SNS, oldest first; the newest thousand are kept. `topic` is a name or an ARN. */
  notices(filter?: {
    readonly since?: Date | undefined
    readonly topic?: string | undefined
  }): Promise<EmulatorNotice[]>
  /** How long a deployment took here, and would on AWS; undefined while it runs. */
  timing(deploymentId: string): Promise<DeploymentTiming | undefined>
  /** Environment for any AWS client, SDK or CLI. */
  environment(): Record<string, string>
  /** The same for a client that is made in this process: what its constructor takes. */
  clientSettings(): {
    region: string
    endpoint: string
    credentials: { accessKeyId: string; secretAccessKey: string }
  }
  /** Resolves when its process has ended, asked or not; keeps the caller alive until then. */
  ended(): Promise<void>
  /** Stops it; resolves when its process has ended. */
  stop(): Promise<void>
}

type Line =
  | { readonly type: 'progress'; readonly event: ApplyEvent }
  | { readonly type: 'done'; readonly result: unknown }
  | {
      readonly type: 'failed'
      readonly message: string
      readonly fix: string
      readonly diagnostics: EmulatorDiagnostic[]
      readonly unfinished?: Unfinished
    }

/** `exited` resolves when the emulator's process has ended, where the caller is its parent. */
export function connect(description: EmulatorDescription, exited?: () => Promise<void>): Emulator {
  const url = (path: string) => new URL(`/_baton/${path}`, description.endpoints.api)
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(url(path))
    if (!response.ok)
      throw new EmulatorError(await response.text(), 'Is this the emulator of this version of Baton?')
    return (await response.json()) as T
  }
  const run = async <T>(
    path: string,
    body: unknown,
    options: Pick<ApplyOptions, 'onProgress' | 'signal'>,
  ) => {
    const response = await fetch(url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(options.signal ? { signal: options.signal } : {}),
    })
    for await (const line of lines(response)) {
      if (line.type === 'progress') options.onProgress?.(line.event)
      else if (line.type === 'done') return line.result as T
      else throw new EmulatorError(line.message, line.fix, line.diagnostics, line.unfinished)
    }
    throw new EmulatorError(
      'The emulator ended in the middle of its answer.',
      'Read its log: emulator.log in the state directory.',
    )
  }
  const applied = (
    folder: string,
    { stack: _stack, onProgress: _onProgress, signal: _signal, ...rest }: ApplyOptions,
  ) => ({ folder, ...rest })
  return {
    ...description,
    status: () => get('status'),
    check: (stacks, options = {}) => run('check', { stacks, ...options }, {}),
    plan: (folder, options) => run(`stacks/${options.stack}/plan`, applied(folder, options), options),
    apply: (folder, options) => run(`stacks/${options.stack}/apply`, applied(folder, options), options),
    destroy: (stack, options = {}) => run(`stacks/${stack}/destroy`, {}, options),
    outputs: (stack) => get(`stacks/${stack}/outputs`),
    events: (since) => get(`events?since=${since}`),
    notices({ since, topic } = {}) {
      const query = new URLSearchParams({
        ...(since === undefined ? {} : { since: since.toISOString() }),
        ...(topic === undefined ? {} : { topic }),
      })
      return get(`notices?${query}`)
    },
    timing: async (id) => (await get<DeploymentTiming | null>(`deployments/${id}/timing`)) ?? undefined,
    environment: () => ({
      AWS_ENDPOINT_URL: description.endpoints.api,
      AWS_REGION: description.awsRegion,
      AWS_ACCESS_KEY_ID: description.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: description.credentials.secretAccessKey,
      AWS_CA_BUNDLE: description.caFile,
    }),
    clientSettings: () => ({
      region: description.awsRegion,
      endpoint: description.endpoints.api,
      credentials: { ...description.credentials },
    }),
    ended: () => exited?.() ?? ended(description.pid),
    async stop() {
      await run('stop', {}, {}).catch(() => undefined)
      await (exited?.() ?? ended(description.pid))
    },
  }
}

async function* lines(response: Response): AsyncGenerator<Line> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield JSON.parse(part)
  }
}

/** Resolves when no process has this id any more; for an emulator that another process started. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
