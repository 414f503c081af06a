import { type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { layoutRules } from './layout.ts'

const vpc = ref('aws_vpc.main')
const subnet = (cidr: string, zone: string) => ({ vpc_id: vpc, cidr_block: cidr, availability_zone: zone })
const association = (name: string, table: string) => ({
  subnet_id: ref(`aws_subnet.${name}`),
  route_table_id: ref(`aws_route_table.${table}`),
})
/** Two subnets, `a` public and `b` private, and the routes that make them so. */
const network: Resources = {
  'aws_vpc.main': { cidr_block: '10.0.0.0/16' },
  'aws_subnet.a': subnet('10.0.1.0/24', 'a'),
  'aws_subnet.b': subnet('10.0.2.0/24', 'b'),
  'aws_internet_gateway.main': { vpc_id: vpc },
  'aws_nat_gateway.main': { subnet_id: ref('aws_subnet.a') },
  'aws_route_table.public': { vpc_id: vpc },
  'aws_route_table.private': {
    vpc_id: vpc,
    route: [{ cidr_block: '0.0.0.0/0', nat_gateway_id: ref('aws_nat_gateway.main') }],
  },
  'aws_route.public': {
    route_table_id: ref('aws_route_table.public'),
    destination_cidr_block: '0.0.0.0/0',
    gateway_id: ref('aws_internet_gateway.main'),
  },
  'aws_route_table_association.a': association('a', 'public'),
  'aws_route_table_association.b': association('b', 'private'),
}
const { 'aws_route_table_association.b': _b, ...shut } = network
const service = (subnets: string[], isPublic = false) => ({
  'aws_ecs_service.admin': {
    network_configuration: {
      subnets: subnets.map((name) => ref(`aws_subnet.${name}`)),
      assign_public_ip: isPublic,
    },
  },
})
const balancer = (...subnets: string[]) => ({
  'aws_lb.main': { subnets: subnets.map((name) => ref(`aws_subnet.${name}`)) },
})
const database = (name: string) => ({
  'aws_db_instance.main': { db_subnet_group_name: ref('aws_db_subnet_group.main', 'name') },
  'aws_db_subnet_group.main': { subnet_ids: [ref(`aws_subnet.${name}`)] },
})
const endpoints = Object.fromEntries(
  ['ecr.api', 'ecr.dkr', 's3', 'logs', 'secretsmanager'].map((name) => [
    `aws_vpc_endpoint.${name.replace('.', '_')}`,
    { service_name: `com.amazonaws.ap-northeast-2.${name}` },
  ]),
)

testRules(layoutRules, {
  'subnet-block': {
    trips: { 'aws_subnet.c': subnet('10.1.0.0/24', 'a'), ...network },
    says: /outside of 10\.0\.0\.0\/16/,
    alsoTrips: [
      { ...network, 'aws_subnet.c': subnet('10.0.0.0/22', 'a') },
      { ...network, 'aws_subnet.c': subnet('10.0.3.0/29', 'a') },
    ],
    passes: network,
  },
  zones: {
    trips: { ...balancer('a'), ...network },
    alsoTrips: [{ ...database('b'), ...network }],
    passes: { ...balancer('a', 'b'), ...network },
  },
  'service-zones': {
    trips: { ...service(['b']), ...network },
    passes: { ...service(['a', 'b']), ...network },
  },
  'load-balancer-subnet': {
    trips: { ...balancer('a', 'b'), ...network },
    says: /aws_subnet\.b has no route/,
    alsoTrips: [{ ...network, ...balancer('a'), 'aws_subnet.a': subnet('10.0.1.0/28', 'a') }],
    passes: { ...balancer('a'), ...network },
  },
  'nat-subnet': {
    trips: { ...network, 'aws_nat_gateway.main': { subnet_id: ref('aws_subnet.b') } },
    at: 'aws_nat_gateway.main',
    passes: network,
  },
  'way-out': {
    trips: { ...service(['b']), ...shut },
    says: /no way out, and no VPC endpoint for ecr\.api/,
    // The internet gateway takes public addresses only.
    alsoTrips: [{ ...service(['a']), ...network }],
    passes: { ...service(['b']), ...network, ...shut, ...endpoints },
  },
  'database-way-out': { trips: { ...database('b'), ...network }, passes: { ...database('b'), ...shut } },
})
