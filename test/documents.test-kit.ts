/** The documents of the repository, and their parts that tests compare. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url))
export const read = (name: string) => readFileSync(path(name), 'utf8')

/** Every Markdown page of the repository, by its path from the root. */
export const pages = globSync(
  ['*.md', 'docs/**/*.md', 'examples/*.md', 'examples/*/*.md', 'packages/*/*.md', '.github/**/*.md'],
  { cwd: path('.') },
)

export interface Block {
  readonly language: string
  readonly text: string
}

const fence = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm

/** The fenced blocks of a page. */
export const blocksOf = (text: string): Block[] =>
  [...text.matchAll(fence)].map(([, , language = '', block = '']) => ({ language, text: block }))

/** The headings of a page, without what looks like one in a block. */
export const headingsOf = (text: string): string[] => text.replaceAll(fence, '').match(/^#+ .*$/gm) ?? []

/** Where GitHub lets a link to a heading lead. */
export const anchorOf = (heading: string): string =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
