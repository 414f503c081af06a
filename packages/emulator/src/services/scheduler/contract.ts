/** What EventBridge Scheduler offers the other services of the emulator: nothing but its API and its Terraform types. */
import type { Service } from '../../service.ts'

export type EventBridgeScheduler = Service
