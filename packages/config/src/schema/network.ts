/** `network`: the VPC and its subnets. */
import { z } from 'zod'
import { block } from './values.ts'

export const network = z
  .strictObject({
    cidr: block
      .default('10.0.0.0/16')
      .meta({ description: 'Addresses of the VPC, as an IPv4 block.', becomes: '`aws_vpc` `cidr_block`' }),
    zones: z
      .array(z.string().regex(/^[a-z]$/, 'A zone is one letter, e.g. "a".'))
      .min(2)
      .max(3)
      .default(['a', 'b'])
      .meta({
        description: 'Letters of the Availability Zones. Each has a public, a private and a database subnet.',
        becomes: '`aws_subnet` `availability_zone`',
      }),
    nat: z.enum(['gateway-per-zone', 'gateway', 'none']).default('gateway-per-zone').meta({
      description:
        'How tasks reach the internet. `gateway-per-zone`: one NAT gateway per zone. `gateway`: one for all zones, cheaper, and lost with its zone. `none`: tasks get public addresses; their security group still admits only the load balancer.',
      becomes: '`aws_nat_gateway`, `aws_eip`, `aws_route`',
    }),
    loadBalancer: z.enum(['internet-facing', 'internal']).default('internet-facing').meta({
      description:
        'Where the load balancer is. `internet-facing`: in the public subnets; it admits CloudFront only. `internal`: in the private subnets, without public addresses; CloudFront reaches it by a VPC origin. A VPC origin is free, and the public addresses (3.65 USD each per month) go. CloudFront passes no WebSockets or gRPC to a VPC origin, and the smoke test cannot run. Choose before the first apply: a change replaces the load balancer.',
      becomes: '`aws_lb` `internal`, `aws_cloudfront_vpc_origin`',
    }),
    flowLogs: z.boolean().default(false).meta({
      description:
        'Whether the VPC writes a record of every connection to the logs bucket. AWS charges per GB of records (0.25 USD in us-east-1) and for the storage.',
      becomes: '`aws_flow_log`',
    }),
    subnets: z
      .strictObject({
        public: z.array(block).optional().meta({
          description: 'Blocks for the load balancer and the NAT gateways.',
          becomes: '`aws_subnet` `cidr_block`',
        }),
        private: z
          .array(block)
          .optional()
          .meta({ description: 'Blocks for the tasks.', becomes: '`aws_subnet` `cidr_block`' }),
        database: z
          .array(block)
          .optional()
          .meta({ description: 'Blocks for the database.', becomes: '`aws_subnet` `cidr_block`' }),
      })
      .prefault({})
      .meta({
        description:
          'Blocks of the subnets, one per zone, in the order of the zones. Without them the blocks are cut out of `network.cidr`.',
      }),
  })
  .meta({ description: 'The VPC and its subnets.' })
