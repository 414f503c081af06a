/** What a release reports while it works. Plain data: a terminal draws it. */
export interface Progress {
  /** What is being released: `admin`, `user`, `migration`. */
  readonly target: string
  /** The step as the runbook names it: `register the revision`. */
  readonly step: string
  readonly state: 'started' | 'finished' | 'failed' | 'noted'
  readonly detail?: string
}

export type OnProgress = (progress: Progress) => void

/** Runs a step and reports its start and its end; `detail` describes the result. */
export async function step<T>(
  onProgress: OnProgress | undefined,
  target: string,
  name: string,
  work: () => Promise<T>,
  detail?: (result: T) => string,
): Promise<T> {
  onProgress?.({ target, step: name, state: 'started' })
  try {
    const result = await work()
    onProgress?.({ target, step: name, state: 'finished', ...(detail ? { detail: detail(result) } : {}) })
    return result
  } catch (error) {
    onProgress?.({
      target,
      step: name,
      state: 'failed',
      detail: error instanceof Error ? error.message : String(error),
    })
    throw error
  }
}
