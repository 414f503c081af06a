/**
 * Which file of the packages imports which, types included, read from the syntax of the sources. Relative imports
 * name their file in full here, so nothing has to be resolved.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { parseSync } from 'oxc-parser'

export interface Import {
  /** The importing file, from the root. */
  readonly from: string
  /** The imported file, from the root, for a relative import; else what the import names. */
  readonly to: string
  readonly relative: boolean
}

/** The imports of the files that the patterns find below the root. */
export function readImports(root: string, patterns: readonly string[]): Import[] {
  const files = globSync(patterns, { cwd: root, exclude: (path) => path.includes('node_modules') })
  return files.sort().flatMap((file) => {
    const from = file.split(sep).join('/')
    const { module, errors } = parseSync(from, readFileSync(join(root, file), 'utf8'))
    if (errors.length > 0) throw new Error(`${from}: ${errors[0]?.message}`)
    const named = [
      ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
      ),
    ]
    return [...new Set(named)].map((specifier) =>
      specifier.startsWith('.')
        ? {
            from,
            to: relative(root, resolve(root, dirname(from), specifier))
              .split(sep)
              .join('/'),
            relative: true,
          }
        : { from, to: specifier, relative: false },
    )
  })
}

/** An arrow between folders, and an import that makes it. */
export interface Arrow {
  readonly from: string
  readonly to: string
  readonly because: string
}

/**
 * The arrows between folders that are part of a circle. `floorOf` says on which floor a file is: its folder, or the
 * file itself where it is a floor of its own.
 */
export function circularArrows(imports: readonly Import[], floorOf: (file: string) => string): Arrow[] {
  const arrows = new Map<string, Arrow>()
  const next = new Map<string, Set<string>>()
  for (const { from: file, to: imported } of imports) {
    const [from, to] = [floorOf(file), floorOf(imported)]
    if (from === to) continue
    arrows.set(`${from} → ${to}`, { from, to, because: `${file} imports ${imported}` })
    next.set(from, (next.get(from) ?? new Set()).add(to))
  }
  const reaches = (start: string, goal: string) => {
    const seen = new Set([start])
    for (const floor of seen) {
      if (floor === goal) return true
      for (const other of next.get(floor) ?? []) seen.add(other)
    }
    return false
  }
  return [...arrows.values()].filter(({ from, to }) => reaches(to, from))
}
