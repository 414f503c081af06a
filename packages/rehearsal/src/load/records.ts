/**
 * The records of a rehearsal, kept small: at AWS's own speed it takes the better part of an hour, and a few thousand
 * requests per second make millions of them. When and how long is kept in columns; what else there is to a request is the
 * same for many, and kept once. Read back, each record is what it was.
 */
import type { RequestRecord } from './record.ts'

/** What the verdict reads: any number of times, one after the other. */
export type RecordList = Iterable<RequestRecord> & { readonly length: number }

type Shape = Omit<RequestRecord, 'startedAt' | 'latencyMs'>

interface Chunk {
  readonly startedAt: Float64Array
  /** To the thousandth of a millisecond, for as long as a client waits. */
  readonly latencyMs: Float32Array
  readonly shape: Uint32Array
}

const chunkLength = 65_536

export class Records implements RecordList {
  readonly #chunks: Chunk[] = []
  readonly #shapes: Shape[] = []
  readonly #known = new Map<string, number>()
  #length = 0

  get length(): number {
    return this.#length
  }

  push({ startedAt, latencyMs, ...shape }: RequestRecord): void {
    const at = this.#length % chunkLength
    if (at === 0) this.#chunks.push(emptyChunk())
    const chunk = this.#chunks.at(-1)
    if (!chunk) throw new Error('invariant: there is a chunk to write to')
    chunk.startedAt[at] = startedAt
    chunk.latencyMs[at] = latencyMs
    chunk.shape[at] = this.#shapeOf(shape)
    this.#length++
  }

  *[Symbol.iterator](): Iterator<RequestRecord> {
    for (let index = 0; index < this.#length; index++) {
      const chunk = this.#chunks[Math.floor(index / chunkLength)]
      const at = index % chunkLength
      const shape = this.#shapes[chunk?.shape[at] ?? 0]
      if (!chunk || !shape) throw new Error('invariant: every record has its chunk and its shape')
      yield { ...shape, startedAt: chunk.startedAt[at] ?? 0, latencyMs: chunk.latencyMs[at] ?? 0 }
    }
  }

  #shapeOf(shape: Shape): number {
    const key = JSON.stringify(shape)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const index = this.#shapes.push(shape) - 1
    // The path of a delete has an id and the failures of a moment have their details: those are not repeated.
    if (shape.kind !== 'delete' && shape.cause === undefined) this.#known.set(key, index)
    return index
  }
}

const emptyChunk = (): Chunk => ({
  startedAt: new Float64Array(chunkLength),
  latencyMs: new Float32Array(chunkLength),
  shape: new Uint32Array(chunkLength),
})
