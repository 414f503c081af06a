/** The keys of the documents of services, and the form of AWS's ids of deployments and revisions. */
import type { Ids } from '../../../ids.ts'

/** The key of a service's document, and the path in the ARNs of its deployments and revisions. */
export const serviceKey = (cluster: string, service: string): string => `${cluster}/${service}`

/** Nineteen decimal digits, as of `ecs-svc/1234567890123456789`. */
export const decimalId = (ids: Ids): string =>
  BigInt(`0x${ids.hex('', 16)}`)
    .toString()
    .padStart(19, '1')
    .slice(0, 19)
