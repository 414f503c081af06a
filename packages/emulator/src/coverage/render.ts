/** COVERAGE.md: the coverage as a page that people search. */
import type { Behaviour } from './behaviour.ts'
import type { ApiCoverage, Coverage, ServiceCoverage, TypeCoverage } from './coverage.ts'

/** The command that writes the page; said in it, so that nobody edits it by hand. */
export const command = 'npx node packages/emulator/src/coverage/main.ts'

export function renderCoverage(coverage: Coverage): string {
  const { services } = coverage
  return [
    '# Coverage',
    `What the emulator covers of AWS. Written by \`${command}\` from the code; a test compares them.`,
    [
      'How to read it:',
      '',
      '- **Behaviours** are what AWS documents: ✔ done, proven by the test of that name; ≠ otherwise by design; ✘ missing.',
      '- **Modelled** attributes shape what the emulator does or answers. ↻ marks those whose change replaces the resource.',
      '- **Computed** attributes are set by the emulator in AWS’s formats.',
      '- **Without effect**: accepted and kept, for the reason given.',
      '- Every type has `id` besides, every type of the AWS provider `region` and `timeouts`, and `tags_all` beside `tags`.',
      '- A resource type or an attribute that is not here stops an apply with its address. `--inert TYPE` accepts a type without modelling it; the verdict then names it.',
      '- An API operation that is not here answers `NotImplemented` (501), with the reason where one is given.',
    ].join('\n'),
    '## Not rehearsed',
    'Every verdict says so:',
    coverage.gaps.map((gap) => `- ${gap}`).join('\n'),
    '## Services',
    overview(services),
    ...services.flatMap(service),
    '## Terraform',
    'Any Terraform JSON that uses these types, with `variable`, `output`, `locals`, `data`, `ephemeral`, `moved`, `removed`, `count`, `for_each`, `depends_on` and `lifecycle`. The resource type `terraform_data` is built in.',
    `Functions (${coverage.functions.length}): ${names(coverage.functions)}.`,
    '',
  ].join('\n\n')
}

function overview(services: readonly ServiceCoverage[]): string {
  const rows = services.map(
    ({ folder, proven, byDesign, missing, apis, resources, dataSources, ephemerals }) =>
      [
        `[${folder}](#${folder})`,
        `${proven.length} · ${byDesign.length} · ${missing.length}`,
        apis.map(({ protocol }) => protocol).join(', ') || '–',
        apis.map(({ operations, known }) => `${operations.length} of ${known}`).join(', ') || '–',
        String(resources.length),
        String(dataSources.length),
        String(ephemerals.length),
      ].join(' | '),
  )
  return [
    '| service | behaviours ✔ · ≠ · ✘ | protocol | operations | resource types | data sources | ephemeral |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

function service(covered: ServiceCoverage): string[] {
  const { folder, header, apis, resources, dataSources, ephemerals } = covered
  return [
    `### ${folder}`,
    header,
    ...behaviours(covered),
    ...(apis.length > 0 ? apis.map(api) : ['No API: Terraform alone makes and reads it.']),
    ...types('Resource types', resources),
    ...types('Data sources', dataSources),
    ...types('Ephemeral values', ephemerals),
  ]
}

function behaviours({ proven, byDesign, missing }: ServiceCoverage): string[] {
  const lines = [
    ...proven.map(({ behaviour, page, test }) => `- ✔ ${behaviour} ([AWS](${page}), [test](${test}))`),
    ...otherwise('≠', byDesign),
    ...otherwise('✘', missing),
  ]
  return lines.length === 0 ? [] : ['**Behaviours**', lines.join('\n')]
}

const otherwise = (mark: string, all: readonly Behaviour[]) =>
  all.map(({ behaviour, page, why }) => `- ${mark} ${behaviour} ([AWS](${page})). ${why}`)

function api({ name, protocol, operations, refused, known }: ApiCoverage): string {
  const reasons = refused.map(({ operation, reason }) => `\n- Refused: \`${operation}\`. ${reason}`)
  const served = `API \`${name}\`, ${protocol}, ${operations.length} of ${known} operations: ${names(operations)}.`
  return [served, ...reasons].join('')
}

function types(title: string, covered: readonly TypeCoverage[]): string[] {
  return covered.length === 0 ? [] : [`**${title}**`, covered.map(type).join('\n')]
}

function type({ type, modelled, computed, inert }: TypeCoverage): string {
  const lines = [
    ...(modelled.length > 0
      ? [`Modelled: ${modelled.map(({ name, replaces }) => `\`${name}\`${replaces ? ' ↻' : ''}`).join(', ')}`]
      : []),
    ...(computed.length > 0 ? [`Computed: ${names(computed)}`] : []),
    ...[...inert].map(([reason, attributes]) => `Without effect (${reason}): ${names(attributes)}`),
  ]
  return [`- \`${type}\``, ...lines.map((line) => `  - ${line}`)].join('\n')
}

const names = (all: readonly string[]) => all.map((name) => `\`${name}\``).join(', ')
