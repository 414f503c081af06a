/** A running emulator, as others see it: asked over HTTP below `/_baton`, from any process of this machine. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { EmulatorEvent } from '../event-log.ts'
import type { DeploymentTiming } from '../services/codedeploy/contract.ts'
import type { DeliveredNotice } from '../services/sns/notification.ts'
import type { ApplyEvent, ApplyResult, CheckedStack, Plan, Unfinished } from '../terraform/index.ts'
import { ask, linesOf, textOf } from './ask.ts'
import type { EmulatorDescription, PublicDescription } from './description.ts'
import { type EmulatorDiagnostic, EmulatorError } from './emulator-error.ts'
import { emulatorEnded, signalEmulator } from './emulator-process.ts'

export interface EmulatorStatus {
  readonly emulator: PublicDescription
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
  /** What its process holds once it has collected its garbage; for measurements. */
  memory(): Promise<NodeJS.MemoryUsage>
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
  /**
   * Stops it; resolves when its process has ended. One that does not answer is signalled, and killed where that does not
   * help in time; what a killed one leaves is ended by `endLeftoverProcesses`.
   */
  stop(): Promise<'stopped' | 'killed'>
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

/** How long it may take until the emulator begins to work on what a call asks for. */
const workAnswerMs = 30_000
/** How long the emulator may take to accept the request to stop. */
const stopAnswerMs = 3_000
/** How long a stop may take, with the containers' own time-outs and a database's shutdown, before the process is killed. */
const stopTimeoutMs = 90_000
/** The same for one that does not answer: most likely it cannot act on a signal either. */
const silentStopTimeoutMs = 10_000

/** `exited` resolves when the emulator's process has ended, where the caller is its parent. */
export function connect(description: EmulatorDescription, exited?: () => Promise<void>): Emulator {
  const get = async <T>(path: string): Promise<T> => {
    const answer = await ask(description, { path })
    const text = await textOf(answer)
    if (answer.statusCode !== 200) throw new EmulatorError(text, otherVersion)
    return JSON.parse(text) as T
  }
  const run = async <T>(
    path: string,
    body: unknown,
    { onProgress, ...options }: Pick<ApplyOptions, 'onProgress' | 'signal'> & { timeoutMs?: number },
  ) => {
    const answer = await ask(description, { path, body, timeoutMs: workAnswerMs, ...options })
    if (answer.statusCode !== 200) throw new EmulatorError(await textOf(answer), otherVersion)
    try {
      for await (const line of linesOf(answer) as AsyncGenerator<Line>) {
        if (line.type === 'progress') onProgress?.(line.event)
        else if (line.type === 'done') return line.result as T
        else throw new EmulatorError(line.message, line.fix, line.diagnostics, line.unfinished)
      }
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof EmulatorError) throw error
      throw brokenOff(error)
    }
    throw brokenOff()
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
    memory: () => run('memory', {}, {}),
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
      AWS_DEFAULT_REGION: description.awsRegion,
      AWS_ACCESS_KEY_ID: description.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: description.credentials.secretAccessKey,
      AWS_CA_BUNDLE: description.caFile,
    }),
    clientSettings: () => ({
      region: description.awsRegion,
      endpoint: description.endpoints.api,
      credentials: { ...description.credentials },
    }),
    ended: () => exited?.() ?? emulatorEnded(description),
    async stop() {
      const asked = await run('stop', {}, { timeoutMs: stopAnswerMs }).then(
        () => true,
        () => false,
      )
      if (!asked) signalEmulator(description, 'SIGTERM')
      const ending = exited?.() ?? emulatorEnded(description)
      if (await endsWithin(ending, asked ? stopTimeoutMs : silentStopTimeoutMs)) return 'stopped'
      signalEmulator(description, 'SIGKILL')
      await ending
      return 'killed'
    },
  }
}

/** False when the time is over first. */
async function endsWithin(ending: Promise<void>, timeoutMs: number): Promise<boolean> {
  const ended = new AbortController()
  const timeout = sleep(timeoutMs, false, { signal: ended.signal }).catch(() => false)
  const inTime = await Promise.race([ending.then(() => true), timeout])
  ended.abort()
  return inTime
}

const otherVersion = 'Is this the emulator of this version of Baton?'

const brokenOff = (cause?: unknown): EmulatorError =>
  Object.assign(
    new EmulatorError(
      'The emulator ended in the middle of its answer.',
      'Read its log: emulator.log in the state directory.',
    ),
    cause === undefined ? {} : { cause },
  )
