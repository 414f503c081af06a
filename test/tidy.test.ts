/**
 * The house rules that a machine can check in the text of the sources: size, names, banned words with what to write
 * instead. A rule that is broken names the file, the reason and the fix. What may import what:
 * `dependencies.test.ts`; what nothing uses: `unused.test.ts`.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Tracked and new files, so that the rules hold before a commit too. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))

const sources = files
  .filter((file) => /\.(ts|tsx|js|css)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith('test/')

const limit = 500
const aim = 300

test(`no source file is longer than ${limit} lines; past ${aim} it says on top why one idea needs them`, () => {
  const long = sources
    .map(({ file, text }) => ({ file, text, lines: text.split('\n').length - 1 }))
    .filter(
      ({ file, text, lines }) =>
        lines > limit || (lines > aim && !isTest(file) && !/one idea/i.test(text.slice(0, 1_500))),
    )
    .map(({ file, lines }) => `${file}: ${lines} lines; split it by idea`)
  assert.deepEqual(long, [])
})

const banned: readonly { pattern: RegExp; instead: string }[] = [
  { pattern: /\bTODO\b|\bFIXME\b|\bXXX\b/, instead: 'do it, or name it as a gap where users read of gaps' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: 'a type that is right' },
  { pattern: /\b(test|describe|it)\.only\(/, instead: 'run one file by its name: npm test -- name' },
  { pattern: /\bclass \w+(Manager|Helper|Util)\b/, instead: 'the noun for what it holds' },
]

test('banned words are not used', () => {
  const found = sources
    .filter(({ file }) => file !== 'test/tidy.test.ts')
    .flatMap(({ file, text }) =>
      banned
        .filter(({ pattern }) => pattern.test(text))
        .map(({ pattern, instead }) => `${file}: ${pattern.source}; instead: ${instead}`),
    )
  assert.deepEqual(found, [])
})

test('no folder or file is called utils, helpers, shared, common or misc among the packages', () => {
  const vague = files.filter((file) =>
    /^packages\/.*\b(utils?|helpers?|shared|common|misc)\b(\.ts|\/)/.test(file),
  )
  assert.deepEqual(vague, [])
})

test('what tests share is called *.test-kit.ts', () => {
  const likeProduct = files.filter((file) =>
    /(^|[/-])(testing|fixtures?|mocks?|stubs?)[^/]*(?<!\.test-kit)\.ts$/.test(file),
  )
  assert.deepEqual(likeProduct, [])
})

/** Words of this house that other readers do not know, and the word of the field. */
const dialect: readonly { pattern: RegExp; instead: string }[] = [
  { pattern: /\bmend(s|ed|ing)?\b/gi, instead: 'fix' },
  { pattern: /\btold\b/gi, instead: 'reported, published, notified' },
  { pattern: /\banew\b/gi, instead: 'again' },
  { pattern: /\bwhoever\b/gi, instead: 'a caller that' },
  { pattern: /\bnobody\b/gi, instead: 'no one, no client' },
  { pattern: /\b(goes|go|went|gone|going) off\b/gi, instead: 'fires, is aborted' },
  { pattern: /\blets? go\b/gi, instead: 'release, close' },
]

test('the house’s own dialect is not written', () => {
  const found = sources
    .filter(({ file }) => file !== 'test/tidy.test.ts')
    .flatMap(({ file, text }) =>
      dialect
        // The user `nobody` of the system.
        .filter(
          ({ pattern }) => !(pattern.source.includes('nobody') && file.endsWith('/postgres-binaries.ts')),
        )
        .flatMap(({ pattern, instead }) =>
          [...text.matchAll(pattern)].map(([word]) => `${file}: ${word}; instead: ${instead}`),
        ),
    )
  assert.deepEqual(found, [])
})

/** A registry's host, or the folder that this checkout happens to lie in. */
const machinePaths = new RegExp(`https?://registry\\.|${RegExp.escape(root)}`)

test('no committed file names a registry, a download address in the lock file, or a folder of one machine', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const resolved = Object.entries<{ resolved?: string }>(lock.packages)
    .filter(([, entry]) => /^https?:/.test(entry.resolved ?? ''))
    .map(([name]) => `package-lock.json: ${name}; set omit-lockfile-registry-resolved=true and lock again`)
  const named = files
    .filter(
      (file) => /\.(ts|tsx|js|json|md|yml|html|css)$|^\.ci\//.test(file) && file !== 'package-lock.json',
    )
    .filter((file) => machinePaths.test(readFileSync(join(root, file), 'utf8')))
    .filter((file) => file !== 'test/tidy.test.ts')
  assert.deepEqual([...resolved, ...named], [])
})
