/**
 * packages/config/src/platform-input.ts and service-input.ts: the type of a configuration with the schema's descriptions as comments.
 * zod infers the same type, but editors find no comments on it: this one is what they show.
 */
import type { Described, ObjectShape, Option, Shape } from './options.ts'

const width = 110

/** What runs has a file of its own. */
const ofServices = ['services', 'jobs']

/** The sources of both modules, as the formatter of this repository leaves them. */
export function inputTypeSources(options: readonly Option[]): { platform: string; services: string } {
  const services: Declarations = new Map()
  for (const option of options.filter(({ key }) => ofServices.includes(key)))
    typeOf(memberName('PlatformInput', option), option, services)
  const platform: Declarations = new Map(services)
  declare('PlatformInput', { description: 'What `definePlatform` takes.', options, parts: [] }, platform)
  const own = [...platform].filter(([name]) => !services.has(name)).map(([, text]) => text)
  const used = [...services.keys()].filter((name) =>
    own.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
  )
  return {
    platform: module(header('option by option'), [importOf(used), ...own]),
    services: module(header('of what runs: services, containers, jobs'), [...services.values()]),
  }
}

const module = (top: string, parts: readonly string[]) => `${[top, ...parts].join('\n\n')}\n`

function importOf(names: readonly string[]): string {
  const sorted = [...names].sort()
  const line = `import type { ${sorted.join(', ')} } from './service-input.ts'`
  if (line.length <= width) return line
  return ['import type {', ...sorted.map((name) => `  ${name},`), "} from './service-input.ts'"].join('\n')
}

const header = (what: string) => `/**
 * What a user writes, ${what}. Written by \`npm run docs\` from the schema (schema.ts): change the
 * descriptions there. One idea, as long as there are options.
 */`

/** Source of each interface by its name; a name is declared once. */
type Declarations = Map<string, string>

function declare(
  name: string,
  { description, options, parts }: Pick<ObjectShape, 'options' | 'parts'> & { readonly description: string },
  into: Declarations,
): void {
  if (into.has(name)) return
  // Its place is before that of its parts, which are declared while its members are written.
  into.set(name, '')
  const bases = parts.map((part) => [typeOf(name, part, into), part] as const)
  const inherited = bases.flatMap(([, { shape }]) =>
    shape.kind === 'object' ? shape.options.map(({ key }) => key) : [],
  )
  const members = options
    .filter(({ key }) => !inherited.includes(key))
    .map((option) => member(name, option, into))
  const from = bases.length === 0 ? '' : ` extends ${bases.map(([base]) => base).join(', ')}`
  into.set(name, `/** ${description} */\nexport interface ${name}${from} {\n${members.join('\n')}\n}`)
}

const memberName = (owner: string, { key }: Option) => `${owner.replace(/Input$/, '')}${capital(key)}Input`

function member(owner: string, option: Option, into: Declarations): string {
  const type = typeOf(memberName(owner, option), option, into)
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
function typeOf(name: string, { description, shape }: Described, into: Declarations): string {
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
      declare(shape.typeName ?? shortName(name), { description, ...shape }, into)
      return shape.typeName ?? shortName(name)
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
