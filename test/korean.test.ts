/** The Korean pages are in step with the English ones: the same headings, blocks, commands and links. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { blocksOf, headingsOf, path, read } from './documents.test-kit.ts'

const pairs = [
  ['README.md', 'README.ko.md'],
  ...globSync('docs/ko/*.md', { cwd: path('.') }).map((korean) => [korean.replace('/ko/', '/'), korean]),
] as [english: string, korean: string][]

const levels = (page: string) => headingsOf(read(page)).map((heading) => heading.indexOf(' '))

/** First cells of table rows, and names in bold at the start of a paragraph: what entries are found by. */
const entries = (page: string) => read(page).match(/^(?:\| `[^`]+`|\*\*`[^`]+`\*\*)/gm) ?? []

const paragraphs = (page: string) => read(page).match(/^\*\*/gm)?.length ?? 0

for (const [english, korean] of pairs) {
  test(`${korean} has the headings, blocks and entries of ${english}`, () => {
    assert.deepEqual(levels(korean), levels(english), 'levels of the headings')
    assert.deepEqual(blocksOf(read(korean)), blocksOf(read(english)), 'code and commands')
    assert.deepEqual(entries(korean), entries(english), 'names of table rows and files')
    assert.equal(paragraphs(korean), paragraphs(english), 'paragraphs that begin with a term')
  })
}

test('README, tutorial and glossary are there in Korean', () => {
  for (const page of ['README.ko.md', 'docs/ko/tutorial.md', 'docs/ko/glossary.md']) {
    assert.ok(
      pairs.some(([, korean]) => korean === page),
      page,
    )
  }
})
