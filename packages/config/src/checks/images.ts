/**
 * Exactly one of `source`, `jar`, `dockerfile` and `image` wherever there is an image, and `entry` with `source` only.
 * A job may name a service in their place.
 */
import type { Platform } from '../platform.ts'
import type { Problem } from '../problems.ts'
import type { ImageInput } from '../schema/image-source.ts'
import type { CheckedInput } from '../schema.ts'
import type { ImageSource } from '../service.ts'
import type { Check } from './check.ts'

const kinds = ['source', 'jar', 'dockerfile', 'image'] as const

/** An image of the platform: where it is written, what was written, what it means. */
interface WrittenImage {
  readonly path: string
  readonly written: ImageInput
  readonly image: ImageSource
}

/** All images that are written: of containers, of jobs that name no service, of the migrations. */
export function images(platform: Platform, input: CheckedInput): WrittenImage[] {
  const { migrations } = platform.database ?? {}
  const options = input.database?.migrations
  return [
    ...platform.services.flatMap((service) =>
      service.containers.flatMap((container, index) => {
        const owner = input.services[service.name]
        const written = index === 0 ? owner : owner?.containers[container.name]
        const path = `services.${service.name}${index === 0 ? '' : `.containers.${container.name}`}`
        return written === undefined ? [] : [{ path, written, image: container.image }]
      }),
    ),
    ...platform.jobs.flatMap(({ name, container }) => {
      const written = input.jobs[name]
      if (written === undefined || written.service !== undefined) return []
      return [{ path: `jobs.${name}`, written, image: container.image }]
    }),
    ...(migrations === undefined || options === undefined
      ? []
      : [
          {
            path: 'database.migrations',
            written: typeof options === 'string' ? { source: options } : options,
            image: migrations.image,
          },
        ]),
  ]
}

const kindsOf = (written: ImageInput) => kinds.filter((kind) => written[kind] !== undefined)

/** Whether it is clear what the image is: only then can its files be looked for. */
export const hasOneKind = (written: ImageInput): boolean => kindsOf(written).length === 1

const howToWrite = 'source (a package for Node.js), jar, dockerfile, or image (a reference in a registry)'

export const checkImages: Check = (platform, input) => [
  ...images(platform, input).flatMap(({ path, written }) => kindProblems(path, written)),
  ...Object.entries(input.jobs).flatMap(([name, job]) => {
    const [kind] = kindsOf(job)
    if (job.service === undefined || kind === undefined) return []
    return [
      {
        path: `jobs.${name}.${kind}`,
        message: 'the job names a service, whose image it runs, and an image of its own',
        fix: 'Keep one of the two.',
      },
    ]
  }),
]

function kindProblems(path: string, written: ImageInput): Problem[] {
  const found = kindsOf(written)
  if (found.length === 0) {
    const job = path.startsWith('jobs.') ? ', or service (the image of a service)' : ''
    return [{ path, message: 'nothing says what runs', fix: `Write one of: ${howToWrite}${job}.` }]
  }
  if (found.length > 1) {
    return [
      {
        path,
        message: `${found.join(' and ')} both say what runs`,
        fix: `Keep one of: ${found.join(', ')}.`,
      },
    ]
  }
  if (written.entry === undefined || written.source !== undefined) return []
  return [
    {
      path: `${path}.entry`,
      message: `entry belongs to source, and this is ${found.join()}`,
      fix: 'Remove it; command says what an image runs.',
    },
  ]
}
