/**
 * Asynchronous invocations: an event is kept before it is acknowledged, and its function is run until it succeeds, as
 * often and as long as it may. An event that is under way when the emulator stops is run again, so a function may get one
 * twice, as on AWS.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { AwsError } from '../../aws-error.ts'
import type { EmulatorContext } from '../../service.ts'
import type { InvocationResult } from './contract.ts'
import { defaultEventInvokeConfig, type EventInvokeConfig } from './model.ts'

interface QueuedEvent {
  /** Of the request, the same for each attempt. */
  readonly id: string
  readonly functionArn: string
  readonly payload: string
  /** Attempts that failed. */
  readonly failures: number
  /** When it is run next, in wall-clock milliseconds, and how old it is then, in AWS's. */
  readonly dueAt: number
  readonly ageAwsMs: number
}

const waitsAwsMs = [60_000, 120_000]

export interface EventQueue {
  add(functionArn: string, payload: string): void
  /** Goes on with what an earlier life of the emulator has left. */
  start(): void
  stop(): Promise<void>
}

export function createEventQueue(
  { clock, events, ids, store }: EmulatorContext,
  {
    run,
    configOf,
  }: {
    /** Rejects with an `AwsError` where there is no such function any more. */
    run: (event: { functionName: string; payload: string; requestId: string }) => Promise<InvocationResult>
    configOf: (functionArn: string) => EventInvokeConfig | undefined
  },
): EventQueue {
  const queued = store.collection<QueuedEvent>('lambda.events')
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()

  function schedule(id: string): void {
    const done = carryOut(id)
      .catch((error) => {
        events.emit('baton.lambda', 'Lambda Event Failure', { requestId: id, message: String(error) })
      })
      .finally(() => running.delete(done))
    running.add(done)
  }

  async function carryOut(id: string): Promise<void> {
    // Undefined also where the transaction that added it was undone.
    for (let event = queued.get(id); event !== undefined; event = queued.get(id)) {
      try {
        await clock.sleepReal(Math.max(0, event.dueAt - clock.now()), stopping.signal)
        const failed = !isTooOld(event) && (await fails(event))
        if (stopping.signal.aborted) return
        if (failed) failedOnce(event)
        else queued.delete(id)
      } catch (error) {
        if (stopping.signal.aborted) return
        queued.delete(id)
        // The function was deleted while its event waited.
        if (!(error instanceof AwsError)) throw error
      }
    }
  }

  /** Waits count at AWS's length, what a function takes at its own. */
  const ageOf = ({ ageAwsMs, dueAt }: QueuedEvent) => ageAwsMs + Math.max(0, clock.now() - dueAt)

  const isTooOld = (event: QueuedEvent) => ageOf(event) >= configFor(event).maximumEventAgeSeconds * 1_000

  async function fails({ functionArn: functionName, id: requestId, payload }: QueuedEvent): Promise<boolean> {
    return (await run({ functionName, payload, requestId })).functionError !== undefined
  }

  function failedOnce(event: QueuedEvent): void {
    const wait = waitsAwsMs[event.failures]
    if (wait === undefined || event.failures >= configFor(event).maximumRetryAttempts) {
      queued.delete(event.id)
      return
    }
    const dueAt = clock.now() + clock.toReal(wait)
    const ageAwsMs = ageOf(event) + wait
    queued.put(event.id, { ...event, failures: event.failures + 1, dueAt, ageAwsMs })
  }

  const configFor = ({ functionArn }: QueuedEvent) => configOf(functionArn) ?? defaultEventInvokeConfig

  return {
    add(functionArn, payload) {
      const id = ids.uuid()
      queued.put(id, { id, functionArn, payload, failures: 0, dueAt: clock.now(), ageAwsMs: 0 })
      // The caller may be inside a transaction, in which no process should start.
      setImmediate(() => {
        if (!stopping.signal.aborted) schedule(id)
      })
    },
    start() {
      for (const { id } of queued.values()) schedule(id)
    },
    async stop() {
      stopping.abort(new Error('the emulator stops'))
      await Promise.allSettled(running)
    },
  }
}
