/** docs/reference/configuration.md: every option in tables, one per part of the configuration. */
import type { Described, Option, Shape } from './options.ts'

/** The command that writes the page; named in it, so that no one edits it by hand. */
export const command = 'npm run docs'

export function configurationPage(options: readonly Option[]): string {
  const plain = options.filter((option) => rowsOf(option, '').length === 1 && isPlain(option.shape))
  const parts = options.filter((option) => !plain.includes(option))
  return [
    '# Configuration',
    `Every option of \`baton.config.ts\`. \`${command}\` writes this page from the schema in \`packages/config/src\`; a test compares them. Editors show the same texts.`,
    [
      'An option without a default must be written. An option of a part that is not required must be written where the part is.',
      '`baton` checks all of it and reports all mistakes together, each with its place and its fix. What each resource is for: [the platform](../platform.md).',
    ].join('\n'),
    '## The platform itself',
    table(plain.flatMap((option) => rowsOf(option, ''))),
    ...parts.flatMap(part),
    '',
  ].join('\n\n')
}

const isPlain = (shape: Shape) => shape.kind === 'value' || shape.kind === 'choice' || shape.kind === 'list'

function part(option: Option): string[] {
  const [row, ...rows] = rowsOf(option, '')
  const { shape } = option
  const becomes = row?.becomes ? ` On AWS: ${row.becomes}.` : ''
  return [
    `## ${option.key}`,
    `${option.description}${becomes}${option.required ? ' Required.' : ''}`,
    ...(shape.kind === 'record' ? [`${shape.value.description} Its name: ${lowerFirst(shape.key)}`] : []),
    table(rows),
  ]
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

interface Row {
  readonly path: string
  readonly value: string
  readonly fallback: string
  readonly description: string
  readonly becomes: string
}

/** The option and all below it. */
function rowsOf(option: Option, above: string): Row[] {
  const path = `${above}${option.key}`
  const own: Row = {
    path,
    value: writtenAs(option.shape),
    fallback: option.default ?? (option.required ? 'required' : '–'),
    description: option.description,
    becomes: option.becomes ?? '',
  }
  return [own, ...below(option, path)]
}

function below({ shape }: Described, path: string): Row[] {
  if (shape.kind === 'object') return shape.options.flatMap((option) => rowsOf(option, `${path}.`))
  if (shape.kind === 'record') return below(shape.value, `${path}.<name>`)
  if (shape.kind !== 'either') return []
  // The kind is what `canary()` and its like fill in.
  const members = shape.shapes
    .flatMap((each) => below(each, path))
    .filter((row) => !row.path.endsWith('.kind'))
  return members.filter(({ path: name }, index) => members.findIndex((row) => row.path === name) === index)
}

function writtenAs(shape: Shape): string {
  switch (shape.kind) {
    case 'value':
      return { string: 'text', number: '', boolean: '`true` or `false`' }[shape.type] + suffix(shape)
    case 'choice':
      return shape.values.map((value) => `\`'${value}'\``).join(', ')
    case 'pattern':
      return `\`'${shape.text.replace('${string}', '<name>')}'\``
    case 'list':
      return `a list: ${writtenAs(shape.item)}${shape.allowed ? ` ${shape.allowed}` : ''}`
    case 'record':
      return shape.value.shape.kind === 'either'
        ? `names and values: ${writtenAs(shape.value.shape)}`
        : 'names and values'
    case 'object':
      return 'a part'
    case 'either':
      return [...new Set(shape.shapes.map((each) => kindOf(each.shape)))].join(' or ')
  }
}

function kindOf(shape: Shape): string {
  if (shape.kind !== 'object') return writtenAs(shape)
  const kind = shape.options.find(({ key }) => key === 'kind')?.shape
  return kind?.kind === 'choice'
    ? `\`${kind.values[0]}()\``
    : `\`{ ${shape.options.map(({ key }) => key).join(', ')} }\``
}

function suffix({ type, allowed }: { readonly type: string; readonly allowed: string }): string {
  if (!allowed) return ''
  return type === 'number' ? lowerFirst(allowed).replace(/\.$/, '') : `. ${allowed}`
}

function table(rows: readonly Row[]): string {
  return [
    '| option | what it is | value | default | on AWS |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ path, description, value, fallback, becomes }) =>
        `| \`${path}\` | ${cell(description)} | ${cell(value)} | ${fallback === 'required' || fallback === '–' ? fallback : `\`${fallback}\``} | ${cell(becomes)} |`,
    ),
  ].join('\n')
}

const cell = (text: string) => text.replaceAll('|', '\\|')
