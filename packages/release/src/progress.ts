/** What a release tells whoever watches it while it works. Plain data: a terminal draws it, `--json` prints it. */
export interface Progress {
  /** What is being released: `admin`, `user`, `migration`. */
  readonly target: string
  /** The step as the runbook names it: `register the revision`. */
  readonly step: string
  readonly state: 'started' | 'finished' | 'failed' | 'noted'
  readonly detail?: string
}

export type OnProgress = (progress: Progress) => void

/** Runs a step and tells when it starts and how it ends. */
export async function step<T>(
  onProgress: OnProgress | undefined,
  target: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  onProgress?.({ target, step: name, state: 'started' })
  try {
    const result = await work()
    onProgress?.({ target, step: name, state: 'finished' })
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
