/** A page of docs/coverage: what one service covers, behaviour by behaviour and attribute by attribute. */
import type { Behaviour } from '../behaviours.ts'
import type { ApiCoverage, ServiceCoverage, TypeCoverage } from './coverage.ts'

/** From docs/coverage to the root of the repository, where the paths of tests start. */
const toRoot = '../../'

/** `command` writes the page. */
export function servicePage(covered: ServiceCoverage, command: string): string {
  const { folder, header, apis, resources, dataSources, ephemerals } = covered
  return [
    `# ${folder}`,
    `Written by \`${command}\`. [All services](README.md)`,
    header,
    ...behaviours(covered),
    '## API',
    ...(apis.length > 0 ? apis.map(api) : ['None: only Terraform creates and reads these resources.']),
    ...types('Resource types', resources),
    ...types('Data sources', dataSources),
    ...types('Ephemeral values', ephemerals),
    ...(resources.length + dataSources.length + ephemerals.length > 0 ? [howToRead] : []),
    '',
  ].join('\n\n')
}

const howToRead = [
  '## How to read the attributes',
  '',
  '- **Implemented** attributes shape what the emulator does or answers. A change of one that is marked ↻ replaces the resource.',
  '- **Computed** attributes are set by the emulator, in AWS’s formats.',
  '- **Ignored** attributes are accepted and kept, without effect, for the reason given.',
  '- Every type also has `id`. Every type of the AWS provider also has `region` and `timeouts`, and `tags_all` where it has `tags`.',
].join('\n')

function behaviours({ proven, byDesign, missing }: ServiceCoverage): string[] {
  return [
    ...section(
      '## Behaviours that tests prove',
      proven.map(({ behaviour, page, test }) => `- ${behaviour} ([AWS](${page}), [test](${toRoot}${test}))`),
    ),
    ...section('## Behaviours that are different on purpose', otherwise(byDesign)),
    ...section('## Behaviours that are missing', otherwise(missing)),
  ]
}

const otherwise = (all: readonly Behaviour[]) =>
  all.map(({ behaviour, page, why }) => `- ${behaviour} ([AWS](${page})). ${why}`)

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, lines.join('\n')]
}

function api({ name, protocol, operations, refused, known }: ApiCoverage): string {
  const served = `\`${name}\` (${protocol}) answers ${operations.length} of ${known} operations: ${names(operations)}.`
  const reasons = refused.map(({ operation, reason }) => `- \`${operation}\`: ${reason}`)
  return [served, ...section('Refused with a reason:', reasons)].join('\n\n')
}

function types(title: string, covered: readonly TypeCoverage[]): string[] {
  return covered.length === 0 ? [] : [`## ${title}`, ...covered.map(type)]
}

function type({ type, implemented, computed, ignored }: TypeCoverage): string {
  const lines = [
    ...(implemented.length > 0
      ? [
          `- Implemented: ${implemented.map(({ name, replaces }) => `\`${name}\`${replaces ? ' ↻' : ''}`).join(', ')}`,
        ]
      : []),
    ...(computed.length > 0 ? [`- Computed: ${names(computed)}`] : []),
    ...[...ignored].map(([reason, attributes]) => `- Ignored (${reason}): ${names(attributes)}`),
  ]
  return [`### ${type}`, lines.join('\n')].join('\n\n')
}

export const names = (all: readonly string[]) => all.map((name) => `\`${name}\``).join(', ')
