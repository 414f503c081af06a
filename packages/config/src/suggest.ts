/** "Did you mean …?": the nearest of the words that would have been right. */
import { closest, distance } from 'fastest-levenshtein'

/** The candidate that one or two typing mistakes turn into `word`; undefined when none is near. */
function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const byLowerCase = new Map([...candidates].map((candidate) => [candidate.toLowerCase(), candidate]))
  if (byLowerCase.size === 0) return undefined
  const written = word.toLowerCase()
  const nearest = closest(written, [...byLowerCase.keys()])
  const limit = Math.max(2, Math.floor(word.length / 3))
  return distance(written, nearest) <= limit ? byLowerCase.get(nearest) : undefined
}

/** `Did you mean "x"?`, or `otherwise` where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>, otherwise: string): string {
  const nearest = suggest(word, candidates)
  return nearest === undefined ? otherwise : `Did you mean "${nearest}"?`
}
