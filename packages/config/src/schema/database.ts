/** `database`: PostgreSQL on RDS, and the migrations. */
import { z } from 'zod'
import { imageAndProcess, processOptions } from './container.ts'
import { environment } from './environment.ts'
import { imageSource } from './image-source.ts'
import { folder } from './values.ts'

const migrationOptions = z
  .strictObject({ ...imageSource, ...processOptions, environment })
  .meta({ description: 'The migrations’ image, and how it runs.', parts: imageAndProcess })

export const database = z
  .strictObject({
    engineVersion: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'Write a version of PostgreSQL, e.g. "17".')
      .default('17')
      .meta({
        description: 'Version of PostgreSQL.',
        becomes: '`aws_db_instance` `engine_version`, `aws_db_parameter_group` `family`',
      }),
    instanceClass: z
      .string()
      .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'Write an instance class as RDS names it, e.g. "db.t4g.small".')
      .default('db.t4g.small')
      .meta({ description: 'Instance class.', becomes: '`aws_db_instance` `instance_class`' }),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/, 'Use lower-case letters, digits and underscores, starting with a letter.')
      .max(63)
      .meta({ description: 'Name of the database in the server.', becomes: '`aws_db_instance` `db_name`' }),
    multiAz: z.boolean().default(true).meta({
      description: 'Whether a standby in another zone takes over when the instance fails.',
      becomes: '`aws_db_instance` `multi_az`',
    }),
    storageGiB: z.int().min(20).max(65_536).default(20).meta({
      description: 'Storage at the start.',
      becomes: '`aws_db_instance` `allocated_storage`',
    }),
    maxStorageGiB: z.int().max(65_536).default(100).meta({
      description: 'Size up to which RDS grows the storage by itself.',
      becomes: '`aws_db_instance` `max_allocated_storage`',
    }),
    backupDays: z.int().min(1).max(35).default(7).meta({
      description: 'Days that automated backups are kept.',
      becomes: '`aws_db_instance` `backup_retention_period`',
    }),
    deletionProtection: z.boolean().default(true).meta({
      description: 'Whether RDS refuses to delete the instance.',
      becomes: '`aws_db_instance` `deletion_protection`',
    }),
    migrations: z.union([folder, migrationOptions]).meta({
      description:
        'What brings the schema up to date, as a one-off task before a release: the folder of a package, an image with options, or `none` where the services do it themselves when they start.',
      becomes: '`aws_ecs_task_definition` `migration`',
    }),
  })
  .meta({ description: 'PostgreSQL on RDS. Absent: no database.' })
