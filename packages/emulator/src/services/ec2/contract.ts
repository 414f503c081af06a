/** What the network offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface Ec2 extends Service {
  /** The Availability Zone of a subnet: `ap-northeast-2a`; undefined when there is no such subnet. */
  zoneOf(subnetId: string): string | undefined
}
