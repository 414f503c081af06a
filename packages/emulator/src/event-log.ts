/**
 * What happened in the emulator, in order: the shape of an EventBridge event, kept in a bounded ring. The
 * verdict's timeline, the console and notices read from it.
 */
export interface EmulatorEvent {
  /** Ascending, without gaps. */
  readonly sequence: number
  /** Wall-clock milliseconds since the epoch. */
  readonly at: number
  /** As EventBridge spells it, e.g. `aws.ecs`, `aws.codedeploy`. */
  readonly source: string
  /** As EventBridge spells it, e.g. `ECS Task State Change`. */
  readonly detailType: string
  readonly detail: Readonly<Record<string, unknown>>
  /** ARNs of the resources concerned, where the service publishes them. */
  readonly resources?: readonly string[]
}

export interface EventLog {
  emit(
    source: string,
    detailType: string,
    detail: Record<string, unknown>,
    resources?: readonly string[],
  ): void
  /** Events after `sequence`; the ring no longer has older ones. */
  since(sequence: number): EmulatorEvent[]
  /** Calls `listener` with each new event; returns the end of it. */
  subscribe(listener: (event: EmulatorEvent) => void): () => void
}

export function createEventLog(now: () => number = Date.now, capacity = 4_000): EventLog {
  const ring: EmulatorEvent[] = []
  const listeners = new Set<(event: EmulatorEvent) => void>()
  let sequence = 0
  return {
    emit(source, detailType, detail, resources) {
      const of = resources === undefined ? {} : { resources }
      const event = { sequence: ++sequence, at: now(), source, detailType, detail, ...of }
      ring.push(event)
      if (ring.length > capacity) ring.shift()
      for (const listener of listeners) listener(event)
    },
    since: (after) => ring.filter((event) => event.sequence > after),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
