/** `environment` and `secrets`: literal values, and names of what the platform knows. */
import { z } from 'zod'
import { environmentName } from './values.ts'

/** What the platform knows of its database. */
const databaseValues = [
  'database.host',
  'database.port',
  'database.name',
  'database.username',
  'database.password',
  'database.url',
  'database.jdbcUrl',
  'database.certificates',
] as const

const known = z.enum([...databaseValues, 'logs.directory'])

const reference = z
  .strictObject({
    from: z
      .union(
        [
          known,
          z.templateLiteral(['sites.', z.string(), '.host']),
          z.templateLiteral(['services.', z.string(), '.host']),
        ],
        {
          error: `Write one of ${[...databaseValues, 'logs.directory'].join(', ')}, sites.<name>.host, services.<name>.host.`,
        },
      )
      .meta({ description: 'Name of what the platform knows.' }),
  })
  .meta({ description: 'A value that the platform knows.', typeName: 'PlatformValueInput' })

export const environment = z
  .record(environmentName, z.union([z.string(), reference], { error: 'Write a text, or { from: NAME }.' }))
  .default({})
  .meta({
    description:
      'Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database: `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS), `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`, `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state.',
    becomes: '`aws_ecs_task_definition` `environment`, `secrets`',
  })

export const secrets = z.array(environmentName).default([]).meta({
  description:
    'Names of secrets that the container gets as environment variables of the same name. Values: `baton secret set` on AWS, `baton.secrets.json` on this machine.',
  becomes: '`aws_secretsmanager_secret`, `aws_ecs_task_definition` `secrets`',
})
