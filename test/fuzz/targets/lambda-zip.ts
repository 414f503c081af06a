/** Deployment packages of functions: archives with hostile names, and archives that are damaged. */

import type { GeneratorValue } from 'fast-check'
import { zipSync } from 'fflate'
import { AwsError } from '../../../packages/emulator/src/aws-error.ts'
import { unpack } from '../../../packages/emulator/src/services/lambda/archive.ts'
import { damaged, hostileText, oneOf, rarely } from '../hostile.ts'
import { assertNothingLeaks, type Target } from '../target.ts'
import { openBox } from './outside.ts'

/** Of the length of `__proto__`, which the program that writes archives cannot have as a name. */
const PROTOTYPE = '__PROTO__'
const parts = ['index.js', 'lib', '..', '.', '', 'A', 'a', PROTOTYPE, '../../canary', 'C:\\x', '\u0000']

const nameOf = (g: GeneratorValue): string =>
  rarely(g, 8)
    ? hostileText(g).slice(0, 300)
    : Array.from({ length: oneOf(g, [1, 2, 3]) }, () => oneOf(g, parts)).join('/')

function archiveOf(g: GeneratorValue): Uint8Array {
  const entries = Array.from(
    { length: oneOf(g, [0, 1, 2, 5]) },
    () => [nameOf(g).replace('__proto__', PROTOTYPE), Buffer.from('text')] as const,
  )
  const bytes = zipSync(Object.fromEntries(entries), {
    level: oneOf(g, [0, 6] as const),
    mtime: new Date(2026, 0),
  })
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(PROTOTYPE, '__proto__'), 'latin1')
}

export const lambdaZipTarget: Target = {
  name: 'lambda-zip',
  deadlineMs: 10_000,
  casesPerRound: 150,
  async open() {
    const box = await openBox()
    return {
      async attempt(g, watch) {
        const whole = archiveOf(g)
        let archive: Uint8Array = rarely(g, 2) ? damaged(g, whole) : whole
        // The list at the end says where everything is: damage there does the most.
        if (rarely(g, 3)) archive = Buffer.concat([whole.subarray(0, -22), damaged(g, whole.subarray(-22))])
        watch.trying({ archive: Buffer.from(archive).toString('latin1') })
        try {
          await unpack(archive, box.inside)
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
          assertNothingLeaks(error.message, [box.inside])
        } finally {
          await box.check()
        }
      },
      [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
    }
  },
}
