/** Faults that a rehearsal lays over a service's image: small modules that Node loads before the service itself. */
import { readFile } from 'node:fs/promises'
import { type Image, withFiles } from '@baton/image'

export type Fault = 'short-keep-alive' | 'exits-at-once' | 'never-healthy' | 'fails-requests'

/** The image with the fault in it: one more layer, and a command that loads it first. */
export async function withFault(image: Image, fault: Fault): Promise<Image> {
  const source = await readFile(new URL(`./${fault}.js`, import.meta.url), 'utf8')
  return withFiles(image, {
    files: { 'fault.mjs': source },
    command: ['node', '--import', './fault.mjs', 'server.js'],
  })
}
