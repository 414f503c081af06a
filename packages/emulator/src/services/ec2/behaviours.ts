/** What AWS documents of Amazon VPC and EC2, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/vpc/latest/userguide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'runs instances',
      page: `https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Instances.html`,
      why: 'The platform has none; the API has what a network needs.',
    },
  ],
  missing: [
    {
      behaviour: 'lets only those connections through that security groups, routes and network ACLs allow',
      page: `${guide}/vpc-security-groups.html`,
      why: 'No packet passes through the network: its resources are stored, and every connection on this machine is possible.',
    },
    {
      behaviour: 'refuses to delete a security group that a load balancer, a task or a database has',
      page: `${guide}/deleting-security-groups.html`,
      why: 'Uses within the network are known: subnets, gateways, endpoints, rules. Those of other services are not looked for.',
    },
  ],
}
