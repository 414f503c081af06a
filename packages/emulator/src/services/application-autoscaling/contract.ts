/** What Application Auto Scaling offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface ApplicationAutoScaling extends Service {
  /** Capacity bounds and suspension of an ECS service (`service/<cluster>/<service>`); undefined when not registered. */
  scalableTarget(resourceId: string):
    | {
        readonly minCapacity: number
        readonly maxCapacity: number
        readonly suspended: { readonly in: boolean; readonly out: boolean; readonly scheduled: boolean }
      }
    | undefined
}
