/** Every command in a block of the documents exists, with its options. What the messages say is what the code prints. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { addCommands, createProgram } from '../packages/cli/src/program.ts'
import { blocksOf, headingsOf, pages, read } from './documents.test-kit.ts'

type Command = ReturnType<typeof createProgram>

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const program = createProgram()
await addCommands(program, [])

const commandLines = pages
  .filter((page) => page !== 'CHANGELOG.md')
  .flatMap((page) =>
    blocksOf(read(page))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'))
      .flatMap((line) => line.replace(/ +#.*$/, '').split(/ && | \| /))
      .map((line) => ({ page, words: line.trim().split(/\s+/) })),
  )

test('every npm script in the documents exists', () => {
  const named = commandLines.flatMap(({ page, words: [npm, run, script = ''] }) => {
    if (npm !== 'npm') return []
    return run === 'run'
      ? [{ page, script }]
      : ['start', 'test'].includes(run ?? '')
        ? [{ page, script: run ?? '' }]
        : []
  })
  assert.ok(named.length > 5, 'commands have been found')
  const missing = named.filter(({ script }) => scripts[script] === undefined)
  assert.deepEqual(missing, [])
})

test('every baton command in the documents exists, with its options', () => {
  const called = commandLines.flatMap(({ page, words }) => {
    const at = words.indexOf('baton')
    const prefix = words.slice(0, at).join(' ')
    const rest = words.slice(at + 1).filter((word) => word !== '--')
    return at >= 0 && ['', 'npx', 'npm run'].includes(prefix) ? [{ page, words: rest }] : []
  })
  assert.ok(called.length > 20, 'commands have been found')
  const wrong = called.flatMap(({ page, words }) =>
    problemsOf(words).map((problem) => `${page}: baton ${words.join(' ')}: ${problem}`),
  )
  assert.deepEqual(wrong, [])
})

function problemsOf([name, ...words]: readonly string[]): string[] {
  const top = program.commands.find((each) => each.name() === name)
  if (top === undefined) return ['there is no such command']
  const command: Command = top.commands.find((each) => each.name() === words[0]) ?? top
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short])
  return words
    .filter((word) => word.startsWith('-') && !known.includes(word.replace(/=.*/, '')) && word !== '--help')
    .map((word) => `there is no option ${word}`)
}

test('docs/troubleshooting.md names messages that the code prints', () => {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: new URL('..', import.meta.url) })
    .filter((file) => !/\.test(-kit)?\.ts$/.test(file))
    .map(read)
  const messages = headingsOf(read('docs/troubleshooting.md')).flatMap(
    (heading) => /^### `([^`]+)`$/.exec(heading)?.[1] ?? [],
  )
  assert.ok(messages.length > 10, 'messages have been found')
  const unknown = messages.filter((message) => !sources.some((source) => source.includes(message)))
  assert.deepEqual(unknown, [])
})
