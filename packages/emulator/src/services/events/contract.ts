/** What EventBridge offers the other services of the emulator: its patterns, which filter policies of SNS use too. */
export { eventPattern } from './event-pattern.ts'
