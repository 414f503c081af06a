/**
 * What a service says of documented behaviours that it does not have as they are documented; what it has is read from
 * the tests (`coverage/behaviour.ts`).
 */

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
