/** The pages of docs/coverage: an overview for people who compare, and a page per service for people who search. */
import type { Coverage, ServiceCoverage } from './coverage.ts'
import { names, servicePage } from './service-page.ts'

/** The command that writes the pages; named in each, so that no one edits them by hand. */
export const command = 'npm run coverage'

/** The pages by file name: `README.md` is the overview, `ecs.md` the page of the folder `services/ecs`. */
export function renderCoverage(coverage: Coverage): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', overviewPage(coverage)],
    ...coverage.services.map((service): [string, string] => [
      `${service.folder}.md`,
      servicePage(service, command),
    ]),
  ])
}

function overviewPage(coverage: Coverage): string {
  const { services } = coverage
  return [
    '# Coverage',
    `What the emulator covers of AWS and of Terraform. \`${command}\` writes these pages from the code and from the tests; a test compares them.`,
    table(services),
    [
      'How to read the table:',
      '',
      '- **Resource types**, **data sources** and **ephemeral values** of Terraform that the emulator applies.',
      '- **Operations** of the API that answer, of those that AWS has. **Refused** ones answer `NotImplemented` (501) with a reason of their own; every other one answers `NotImplemented` with its name.',
      '- **Behaviours** are sentences of AWS’s documentation: **proven** by a test of that name, **different** on purpose, or **missing**.',
    ].join('\n'),
    '## Not rehearsed',
    'Every verdict names these, as far as they hold for what ran the tasks:',
    coverage.gaps.map((gap) => `- ${gap}`).join('\n'),
    '## What happens to the rest',
    [
      '- A resource type or an attribute that is not listed stops an apply with its address.',
      '- `--inert TYPE` accepts a resource type without implementing it. The verdict then names it as not rehearsed.',
      '- Nothing is ignored silently: an ignored attribute is listed with the reason.',
    ].join('\n'),
    '## Terraform',
    'Any Terraform JSON that uses these types, with `variable`, `output`, `locals`, `data`, `ephemeral`, `moved`, `removed`, `count`, `for_each`, `depends_on` and `lifecycle`. The resource type `terraform_data` is built in.',
    `Functions (${coverage.functions.length}): ${names(coverage.functions)}.`,
    '',
  ].join('\n\n')
}

function table(services: readonly ServiceCoverage[]): string {
  const rows = services.map(
    ({ folder, proven, byDesign, missing, apis, resources, dataSources, ephemerals }) =>
      [
        `[${folder}](${folder}.md)`,
        resources.length,
        dataSources.length,
        ephemerals.length,
        apis.map(({ operations, known }) => `${operations.length} of ${known}`).join(', ') || 'no API',
        apis.map(({ refused }) => refused.length).join(', ') || '–',
        proven.length,
        byDesign.length,
        missing.length,
      ].join(' | '),
  )
  return [
    '| service | resource types | data sources | ephemeral values | operations | refused | behaviours proven | different | missing |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...[...rows, totals(services)].map((row) => `| ${row} |`),
  ].join('\n')
}

function totals(services: readonly ServiceCoverage[]): string {
  const sum = (count: (service: ServiceCoverage) => number) =>
    services.reduce((total, service) => total + count(service), 0)
  const apis = services.flatMap((service) => service.apis)
  const operations = apis.reduce((total, api) => total + api.operations.length, 0)
  const known = apis.reduce((total, api) => total + api.known, 0)
  const refused = apis.reduce((total, api) => total + api.refused.length, 0)
  return [
    '**all**',
    sum(({ resources }) => resources.length),
    sum(({ dataSources }) => dataSources.length),
    sum(({ ephemerals }) => ephemerals.length),
    `${operations} of ${known}`,
    refused,
    sum(({ proven }) => proven.length),
    sum(({ byDesign }) => byDesign.length),
    sum(({ missing }) => missing.length),
  ].join(' | ')
}
