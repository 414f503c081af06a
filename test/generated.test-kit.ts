/** For tests that compare a generated file with what its generator gives now. */

/** The place of the first line that differs: a diff of a thousand lines helps no one. Undefined where none does. */
export function firstDifference(written: string, current: string): string | undefined {
  const [old, now] = [written.split('\n'), current.split('\n')]
  const index = now.findIndex((line, at) => line !== old[at])
  if (index < 0 && old.length === now.length) return undefined
  const at = index < 0 ? now.length : index
  return `line ${at + 1} should be "${(now[at] ?? 'the end').slice(0, 200)}"`
}
