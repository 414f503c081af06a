/** Splits what a process prints into lines, and drops those that are too long. */

export interface LineSplitter {
  push(chunk: string): void
  /** Hands over what is left without a line end. */
  end(): void
}

/** `onLine` gets every line without its end; `onLost` is called instead for one that is too long. */
export function lineSplitter(options: {
  readonly maximumLength: number
  readonly onLine: (line: string) => void
  readonly onLost: (length: number) => void
}): LineSplitter {
  const { maximumLength, onLine, onLost } = options
  let pending = ''
  let lost = 0
  const finish = (rest: string) => {
    const length = lost + pending.length + rest.length
    if (length > maximumLength) onLost(length)
    else if (length > 0) onLine(`${pending}${rest}`.replace(/\r$/, ''))
    pending = ''
    lost = 0
  }
  return {
    push(chunk) {
      let start = 0
      for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
        finish(chunk.slice(start, end))
        start = end + 1
      }
      pending += chunk.slice(start)
      if (pending.length > maximumLength) {
        lost += pending.length
        pending = ''
      }
    },
    end() {
      finish('')
    },
  }
}
