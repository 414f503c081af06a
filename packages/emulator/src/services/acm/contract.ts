/** What Certificate Manager offers the load balancer and the edge. */
import type { Service } from '../../service.ts'

export interface Acm extends Service {
  /** Private key and chain of an ISSUED certificate, PEM; undefined when there is none. */
  material(
    certificateArn: string,
  ): { readonly key: string; readonly cert: string; readonly names: readonly string[] } | undefined
}
