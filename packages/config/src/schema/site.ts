/** `sites.<name>` and `resources`: what CloudFront serves from buckets. */
import { z } from 'zod'
import { country, folder, label } from './values.ts'

const host = label.meta({
  description: 'Host name, as one label below `domain`.',
  becomes: '`aws_cloudfront_distribution` `aliases`, `aws_route53_record`',
})

const countries = z.array(country).default([]).meta({
  description: 'Countries whose viewers are admitted, as ISO 3166-1 alpha-2 codes. Empty admits all.',
  becomes: '`aws_cloudfront_distribution` `restrictions.geo_restriction`',
})

export const site = z
  .strictObject({
    host,
    source: folder.meta({ description: 'Folder of the site’s package, relative to the configuration file.' }),
    build: z
      .strictObject({
        command: z
          .string()
          .default('npm run build')
          .meta({ description: 'Command that builds the site. It runs in `source`.' }),
        output: z.string().default('dist').meta({
          description:
            'Folder of the built site, relative to `source`. A build that honours `BATON_OUT_DIR` writes there instead.',
        }),
      })
      .prefault({})
      .meta({ description: 'How the site is built.' }),
    service: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .meta({
        description:
          'Name of the service that answers its `paths` (`/api/*`) of this host; a list where there are several.',
        becomes: '`aws_cloudfront_distribution` `ordered_cache_behavior`, `aws_lb_listener_rule` `condition`',
      }),
    countries,
  })
  .meta({ description: 'One site: a single-page application on its own host name.' })

export const resources = z.strictObject({ host, countries }).meta({
  description: 'Images and other files on their own host name, from their own bucket. Absent: no such host.',
  becomes: '`aws_cloudfront_distribution` `resources`, `aws_s3_bucket` `resources`',
})
