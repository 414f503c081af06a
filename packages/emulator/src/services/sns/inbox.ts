/**
 * The inbox: what was published, durable and bounded. It takes the place of every mailbox and endpoint that a subscriber
 * may have, because nothing leaves the machine.
 */
import type { Collection } from '../../store.ts'
import type { Notice } from './contract.ts'

export interface Inbox {
  put(notice: Notice): void
  /** Oldest first. */
  all(topicArn?: string): Notice[]
}

const noticesMax = 1000
/** A message may have 256 KiB: a thousand of them would fill the memory. */
const bytesMax = 16 * 1024 * 1024

export function createInbox(notices: Collection<Notice>, limits = { noticesMax, bytesMax }): Inbox {
  const sizeOf = (notice: Notice) => Buffer.byteLength(notice.message) + 500
  let count = notices.values().length
  let bytes = notices.values().reduce((sum, notice) => sum + sizeOf(notice), 0)
  return {
    put(notice) {
      notices.put(notice.id, notice)
      count++
      bytes += sizeOf(notice)
      if (count <= limits.noticesMax && bytes <= limits.bytesMax) return
      for (const [id, oldest] of notices.entries()) {
        if (id === notice.id || (count <= limits.noticesMax && bytes <= limits.bytesMax)) return
        notices.delete(id)
        count--
        bytes -= sizeOf(oldest)
      }
    },
    all: (topicArn) =>
      notices.values().filter((notice) => topicArn === undefined || notice.topicArn === topicArn),
  }
}
