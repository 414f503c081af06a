/**
 * Where a container's image comes from: one of `source`, `jar`, `dockerfile`, `image`. The shape leaves all four
 * optional, so that a mistake in one does not hide the others; `checks/images.ts` asks for exactly one.
 */
import { z } from 'zod'
import { environmentName, folder } from './values.ts'

/** Java's releases with long-term support that Baton has a base image for. */
const javaVersions = ['17', '21', '25']

const jarOptions = z
  .strictObject({
    path: folder.meta({ description: 'The executable jar, relative to the configuration file.' }),
    javaVersion: z
      .int()
      .refine((version) => javaVersions.includes(String(version)), {
        error: `Use a release with long-term support: ${javaVersions.join(', ')}.`,
      })
      .default(21)
      .meta({ description: 'Version of Java that runs the jar: 17, 21 or 25.' }),
    jvmOptions: z
      .array(z.string().min(1))
      .default(['-XX:MaxRAMPercentage=75'])
      .meta({ description: 'Options of the JVM, before `-jar`.' }),
    build: z
      .strictObject({
        command: z.string().min(1).meta({ description: 'Command that builds the jar.' }),
        folder: folder
          .default('.')
          .meta({ description: 'Folder that the command runs in, relative to the configuration file.' }),
      })
      .optional()
      .meta({ description: 'How the jar is built before a release. Absent: it is there already.' }),
  })
  .meta({ description: 'An executable jar.', typeName: 'JarInput' })

const dockerfileOptions = z
  .strictObject({
    path: folder.meta({ description: 'The Dockerfile, relative to the configuration file.' }),
    context: folder.optional().meta({
      description:
        'Folder that the build reads, relative to the configuration file. Default: that of the Dockerfile.',
    }),
    target: z.string().min(1).optional().meta({ description: 'Stage to build. Absent: the last.' }),
    args: z
      .record(environmentName, z.string())
      .default({})
      .meta({ description: 'Build arguments. Not for secrets: they are in the history of the image.' }),
  })
  .meta({ description: 'A Dockerfile.', typeName: 'DockerfileInput' })

/** Options of whatever has an image. */
export const imageSource = {
  source: folder.optional().meta({
    description:
      'Folder of a package in TypeScript or JavaScript, relative to the configuration file. It is bundled and runs on Node.js.',
  }),
  entry: z
    .string()
    .optional()
    .meta({ description: 'Entry module, relative to `source`. Default: `src/main.ts`.' }),
  jar: z
    .union([
      folder.transform((path) => ({
        path,
        javaVersion: 21,
        jvmOptions: ['-XX:MaxRAMPercentage=75'],
      })),
      jarOptions,
    ])
    .optional()
    .meta({ description: 'An executable jar, such as Spring Boot’s: its path, or path and options.' }),
  dockerfile: z
    .union([folder.transform((path) => ({ path, args: {} })), dockerfileOptions])
    .optional()
    .meta({
      description: 'A Dockerfile, built by Docker, Podman or Buildah: its path, or path and options.',
    }),
  image: z.string().min(1).optional().meta({
    description:
      'An image in any registry, such as `public.ecr.aws/nginx/nginx:1.29`. It is copied by digest.',
  }),
}

/** The options of an image as a type of their own. */
export const imageSourceObject = z.strictObject(imageSource).meta({
  description: 'Where an image comes from: exactly one of `source`, `jar`, `dockerfile` and `image`.',
  typeName: 'ImageSourceInput',
})

/** The four kinds as they are written, with the defaults filled in. */
export type ImageInput = Partial<z.output<typeof imageSourceObject>>
