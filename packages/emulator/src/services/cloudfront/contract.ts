/** What CloudFront is to the rest of the emulator: two services to its clients, and endpoints for its names. */
import type { Service } from '../../service.ts'

export interface CloudFront extends Service {
  /** The service that reads and writes the contents of key value stores; to be listed beside this one. */
  readonly keyValueStores: Service
}
