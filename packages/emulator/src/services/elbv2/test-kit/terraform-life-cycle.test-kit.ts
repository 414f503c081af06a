/** For tests: the Terraform of a load balancer that serves without any target. */
import type { Resources } from '../../../test-kit/terraform-life-cycle.test-kit.ts'

const answering = (body: string) => ({
  type: 'fixed-response',
  fixed_response: [{ content_type: 'text/plain', message_body: body, status_code: '200' }],
})
const targetGroup = (name: string) => ({
  name,
  port: 8080,
  protocol: 'HTTP',
  target_type: 'ip',
  vpc_id: '${aws_vpc.main.id}',
  health_check: { path: '/', interval: 10 },
})
const certificate = (name: string): Resources => {
  const option = `tolist(aws_acm_certificate.${name}.domain_validation_options)[0]`
  return {
    aws_acm_certificate: { [name]: { domain_name: `${name}.example.com`, validation_method: 'DNS' } },
    aws_route53_record: {
      [name]: {
        zone_id: '${aws_route53_zone.main.zone_id}',
        name: `\${${option}.resource_record_name}`,
        type: `\${${option}.resource_record_type}`,
        records: [`\${${option}.resource_record_value}`],
        ttl: 60,
      },
    },
    aws_acm_certificate_validation: {
      [name]: {
        certificate_arn: `\${aws_acm_certificate.${name}.arn}`,
        validation_record_fqdns: [`\${aws_route53_record.${name}.fqdn}`],
      },
    },
  }
}
const [one, two] = [certificate('one'), certificate('two')]
const certificates = Object.fromEntries(
  Object.keys(one).map((type) => [type, { ...one[type], ...two[type] }]),
)
const subnets = ['${aws_subnet.a.id}', '${aws_subnet.b.id}']

/** A load balancer with two listeners, two certificates, a target group and two rules. */
export const balancerResources = (): Resources => ({
  ...certificates,
  aws_route53_zone: { main: { name: 'example.com', force_destroy: true } },
  aws_vpc: { main: { cidr_block: '10.0.0.0/16' } },
  aws_subnet: {
    a: { vpc_id: '${aws_vpc.main.id}', cidr_block: '10.0.0.0/24', availability_zone: 'ap-northeast-2a' },
    b: { vpc_id: '${aws_vpc.main.id}', cidr_block: '10.0.1.0/24', availability_zone: 'ap-northeast-2b' },
  },
  aws_lb: { main: { name: 'edge', subnets } },
  aws_lb_target_group: { blue: targetGroup('blue') },
  aws_lb_listener: {
    http: {
      load_balancer_arn: '${aws_lb.main.arn}',
      port: 80,
      protocol: 'HTTP',
      default_action: answering('default'),
    },
    https: {
      load_balancer_arn: '${aws_lb.main.arn}',
      port: 443,
      protocol: 'HTTPS',
      certificate_arn: '${aws_acm_certificate_validation.one.certificate_arn}',
      default_action: answering('secure'),
    },
  },
  aws_lb_listener_rule: {
    api: {
      listener_arn: '${aws_lb_listener.http.arn}',
      priority: 20,
      action: { type: 'forward', target_group_arn: '${aws_lb_target_group.blue.arn}' },
      condition: { path_pattern: { values: ['/api/*'] } },
    },
    called: {
      listener_arn: '${aws_lb_listener.http.arn}',
      priority: 10,
      action: answering('called'),
      condition: { path_pattern: { values: ['/called'] } },
    },
  },
})
