/**
 * packages/config/src/platform-input.ts: the type of a configuration with the schema's descriptions as comments.
 * zod infers the same type, but editors find no comments on it: this one is what they show.
 */
import type { Described, Option, Shape } from './options.ts'

const width = 110

/** The source of the module, as the formatter of this repository leaves it. */
export function inputTypeSource(options: readonly Option[]): string {
  const declarations: string[] = []
  declare('PlatformInput', 'What `definePlatform` takes.', options, declarations)
  return `${[header, ...declarations].join('\n\n')}\n`
}

const header = `/**
 * What a user writes, option by option. Written by \`npm run docs\` from the schema (schema.ts): change the
 * descriptions there. One idea, as long as there are options.
 */`

function declare(name: string, comment: string, options: readonly Option[], into: string[]): void {
  // Its place is before that of its parts, which are declared while its members are written.
  const place = into.push('') - 1
  const members = options.map((option) => member(name, option, into))
  into[place] = `/** ${comment} */\nexport interface ${name} {\n${members.join('\n')}\n}`
}

function member(owner: string, option: Option, into: string[]): string {
  const type = typeOf(`${owner.replace(/Input$/, '')}${capital(option.key)}Input`, option, into)
  const line = option.required ? `${option.key}: ${type}` : `${option.key}?: ${type} | undefined`
  return `${comment(option)}\n  ${line.length + 2 <= width ? line : broken(line)}`
}

/** A union that is too long for its line has a line for each alternative. */
function broken(line: string): string {
  const [key = '', type = ''] = line.split(/: (.*)/s)
  return [`${key}:`, ...type.split(' | ').map((each) => `    | ${each}`)].join('\n')
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function comment(option: Option): string {
  const fallback = option.default === undefined ? '' : `Default: \`${option.default}\`.`
  const becomes = option.becomes ? `On AWS: ${option.becomes}.` : ''
  const lines = wrapped(
    [option.description, allowedOf(option.shape), fallback, becomes].filter(Boolean).join(' '),
  )
  if (lines.length === 1) return `  /** ${lines[0]} */`
  return ['  /**', ...lines.map((line) => `   * ${line}`), '   */'].join('\n')
}

function allowedOf(shape: Shape): string {
  if (shape.kind === 'list') return [allowedOf(shape.item), shape.allowed].filter(Boolean).join(' ')
  return shape.kind === 'value' ? shape.allowed : ''
}

function wrapped(text: string): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width - 5) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
    return lines
  }, [])
}

/** The type as it is written; what it needs is declared under `name`. */
function typeOf(name: string, { description, shape }: Described, into: string[]): string {
  switch (shape.kind) {
    case 'value':
      return shape.type
    case 'choice':
      return shape.values.map((value) => `'${value}'`).join(' | ')
    case 'pattern':
      return `\`${shape.text}\``
    case 'list':
      return listOf(shape.item)
    case 'record': {
      const value = typeOf(singular(name), shape.value, into)
      return `Record<string, ${value}>`
    }
    case 'object':
      declare(shortName(name), description, shape.options, into)
      return shortName(name)
    case 'either':
      return shape.shapes
        .map((each) => typeOf(`${name.replace(/Input$/, '')}${variant(each.shape)}Input`, each, into))
        .join(' | ')
  }
}

function listOf(item: Shape): string {
  if (item.kind !== 'value') throw new Error('lists of anything but plain values are not written yet')
  return `${item.type}[]`
}

/** `PlatformServicesInput` → `PlatformServiceInput`. */
const singular = (name: string) => name.replace(/sInput$/, 'Input')

/** `PlatformNetworkSubnetsInput` → `NetworkSubnetsInput`. */
const shortName = (name: string) => name.replace(/^Platform(?=[A-Z])(?!Input)/, '')

/** What tells the shapes of an `either` apart: the kind of a shift. */
function variant(shape: Shape): string {
  const kind = shape.kind === 'object' ? shape.options.find(({ key }) => key === 'kind')?.shape : undefined
  return kind?.kind === 'choice' ? capital(kind.values[0] ?? '') : ''
}
