/**
 * One place where log lines go: standard output or a file. Whatever happens there (a full disk, a reader that has
 * stopped, a directory that cannot be created), the service goes on: what cannot be written waits in a bounded buffer,
 * and lines beyond it are lost and counted.
 */
import SonicBoom from 'sonic-boom'

/** A busy service writes this in some seconds; it is little beside the memory of the smallest task. */
const maxBufferedBytes = 1024 * 1024
const reopenAfterMs = 5_000

export interface LogDestination {
  /** Never throws and never waits. */
  write(line: string): void
  /** Writes out what is buffered, where the destination takes it; for the end of the process. */
  close(): void
}

/** What a destination reports, once per disturbance, so that a report cannot cause the next. */
export interface LogDestinationEvents {
  failed(error: Error): void
  /** `lost` lines were dropped in between. */
  recovered(lost: number): void
}

/** A file descriptor, or the path of a file whose directories are created. */
export function openLogDestination(dest: number | string, events: LogDestinationEvents): LogDestination {
  let failing = false
  let lost = 0
  let sink = open()

  function open() {
    const opened = new SonicBoom({ dest, mkdir: true, sync: false, maxLength: maxBufferedBytes })
    let ready = false
    opened.on('ready', () => {
      ready = true
    })
    opened.on('drop', () => {
      lost++
    })
    // Everything is written: before, the report itself could find the buffer full.
    opened.on('drain', () => {
      if (!failing && lost === 0) return
      const dropped = lost
      failing = false
      lost = 0
      events.recovered(dropped)
    })
    opened.on('error', (error: Error) => {
      if (!failing) {
        failing = true
        events.failed(error)
      }
      // A file that was never opened is opened again; one that was is written to again with the next line.
      if (!ready && typeof dest === 'string') setTimeout(reopen, reopenAfterMs).unref()
    })
    return opened
  }

  function reopen(): void {
    sink.destroy()
    sink = open()
  }

  return {
    write(line) {
      try {
        sink.write(line)
      } catch {
        lost++
      }
    },
    close() {
      // One with a full buffer does not take the rest either, and would hold up the end of the process.
      if (lost > 0) return void sink.destroy()
      try {
        sink.flushSync()
      } catch {
        sink.destroy()
      }
    },
  }
}
