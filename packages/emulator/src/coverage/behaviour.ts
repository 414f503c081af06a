/**
 * The behaviours that AWS documents, as docs/coverage lists them. One that the emulator has is proven by a test of
 * that name, with its page of AWS's documentation in the comment right above: the list is read from the tests, so
 * that nothing is called done which no test proves. What is otherwise on purpose, or missing, a service says in
 * its `behaviours.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A documented behaviour that the emulator does not have as it is documented. */
export interface Behaviour {
  /** What AWS does, in a sentence: "reads the access log of each request to a bucket". */
  readonly behaviour: string
  /** AWS's page that says so. */
  readonly page: string
  /** What the emulator does instead, and why. */
  readonly why: string
}

export interface Behaviours {
  /** Otherwise than documented, and meant to stay so. */
  readonly byDesign: readonly Behaviour[]
  readonly missing: readonly Behaviour[]
}

/** A documented behaviour that a test proves. */
export interface ProvenBehaviour {
  readonly behaviour: string
  readonly page: string
  /** Path of the test from the root of the repository. */
  readonly test: string
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** A comment that ends in an address of AWS's documentation, and the test below it. */
const provenPattern =
  /^ *\/\/ [^\n]*?(https:\/\/(?:docs|repost)\.aws\S*?)[.,:;]?(?: [^\n]*)?\n(?: *\/\/[^\n]*\n)*? *(?:await t\.)?(?:test|it)\(\s*(['"`])((?:(?!\2)[\s\S])*)\2/gm

/** What the tests of a file prove. */
export function provenIn(text: string, test: string): ProvenBehaviour[] {
  return [...text.matchAll(provenPattern)].flatMap(([, page, , behaviour]) =>
    page !== undefined && behaviour !== undefined && !behaviour.includes('${')
      ? [{ behaviour, page, test }]
      : [],
  )
}

/** What the tests below a service's folder prove, in the order in which they stand. */
export function provenBehaviours(folder: string): ProvenBehaviour[] {
  const below = `packages/emulator/src/services/${folder}`
  return readdirSync(join(root, below), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => provenIn(readFileSync(join(root, below, file), 'utf8'), `${below}/${file}`))
}
