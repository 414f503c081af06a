/** docs/reference/commands.md: every command with its options and examples, read from the program itself. */
import type { Argument, Command, Option } from 'commander'
import { addCommands, createProgram, exitStatuses } from '../program.ts'

/** The command that writes the page; named in it, so that no one edits it by hand. */
export const command = 'npm run docs'

export async function commandsPage(): Promise<string> {
  const program = createProgram()
  await addCommands(program, [])
  const commands = program.commands.flatMap((each) => [each, ...each.commands]).filter(isCallable)
  return [
    '# Commands',
    `Every command of \`baton\`. \`${command}\` writes this page from the program; a test compares them. \`baton COMMAND --help\` prints the same.`,
    list(commands),
    '## Options of every command',
    table(program.options),
    'Standard output is the result, text or, with `--json`, one JSON document. Progress and failures go to standard error.',
    '## Exit status',
    ['| status | meaning |', '|--:|---|', ...Object.entries(exitStatuses).map(row)].join('\n'),
    ...commands.flatMap(section),
    '',
  ].join('\n\n')
}

/** A command that only groups others is not called itself. */
const isCallable = (each: Command) => each.commands.length === 0

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

const nameOf = (each: Command): string =>
  each.parent === null ? each.name() : `${nameOf(each.parent)} ${each.name()}`

const anchor = (each: Command) => `#${nameOf(each).replaceAll(' ', '-')}`

function list(commands: readonly Command[]): string {
  const rows = commands.map((each) => row([`[\`${nameOf(each)}\`](${anchor(each)})`, each.summary()]))
  return ['| command | what it does |', '|---|---|', ...rows].join('\n')
}

function section(each: Command): string[] {
  return [
    `## ${nameOf(each)}`,
    each.description(),
    `\`\`\`\n${nameOf(each)} ${each.usage()}\n\`\`\``,
    ...(each.registeredArguments.length > 0 ? [each.registeredArguments.map(argument).join('\n')] : []),
    ...(each.options.length > 0 ? [table(each.options)] : []),
    ...examples(each),
  ]
}

const argument = (each: Argument) => `- \`${each.name()}\`: ${each.description}`

function table(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const { text, stated } = withoutDefault(option.description)
    const choices = option.argChoices
      ? ` One of ${option.argChoices.map((each) => `\`${each}\``).join(', ')}.`
      : ''
    const fallback = option.mandatory ? 'required' : defaultOf(option, stated)
    return row([`\`${option.flags}\``, `${text}${choices ? `.${choices}` : ''}`, fallback])
  })
  return ['| option | what it does | default |', '|---|---|---|', ...rows].join('\n')
}

/** Some defaults are worked out later, and stated in the description. */
function withoutDefault(description: string): { text: string; stated: string } {
  const [, text = description, stated = ''] = /^(.*) \(default: (.*)\)$/.exec(description) ?? []
  return { text, stated }
}

function defaultOf({ defaultValue, negate }: Option, stated: string): string {
  if (stated) return stated
  return defaultValue === undefined || negate ? '–' : `\`${defaultValue}\``
}

/** The examples below the help, without their prompts. */
function examples(each: Command): string[] {
  const help: string[] = []
  each.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp()
  const [, shown] = /\nExamples?:\n([\s\S]*)$/.exec(help.join('')) ?? []
  const lines = shown?.split('\n').flatMap((line) => /^ {2}\$ (.*)$/.exec(line)?.[1] ?? [])
  return lines === undefined ? [] : [`\`\`\`sh\n${lines.join('\n')}\n\`\`\``]
}
