/** Faults that a rehearsal lays over a service's image: small modules that Node loads before the service itself. */
import { readFile } from 'node:fs/promises'
import type { Service } from '@baton/config'
import { type Image, withFiles } from '@baton/image'

export type Fault = 'short-keep-alive' | 'exits-at-once' | 'never-healthy' | 'fails-requests'

/** The image of this service with the fault in it: one more layer, and a command that loads it first. */
export async function withFault(
  image: Image,
  fault: Fault,
  { healthCheck }: Pick<Service, 'healthCheck'>,
): Promise<Image> {
  const source = await readFile(new URL(`./${fault}.js`, import.meta.url), 'utf8')
  return withFiles(image, {
    files: { 'fault.mjs': source },
    environment: { BATON_FAULT_HEALTH_PATH: healthPath(healthCheck.path) },
    command: ['node', '--import', './fault.mjs', 'server.js'],
  })
}

/** The load balancer may ask with a query, which is no part of what the fault looks at. */
const healthPath = (path: string) => path.split('?')[0] ?? path
